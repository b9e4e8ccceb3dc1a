// Boost.Intrusive with its assertions turned into CHECKs. Include this, not boost/intrusive.
#pragma once

#include "core/base/check.h"

#define BOOST_INTRUSIVE_INVARIANT_ASSERT(condition) CHECK(condition)
#define BOOST_INTRUSIVE_SAFE_HOOK_DEFAULT_ASSERT(condition) CHECK(condition)
#define BOOST_INTRUSIVE_SAFE_HOOK_DESTRUCTOR_ASSERT(condition) CHECK(condition)

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>
