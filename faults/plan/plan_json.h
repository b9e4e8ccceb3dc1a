// A plan as JSON: how a replay file carries it.
//
// Durations are whole nanoseconds, so that the round trip is exact. Reading is strict: unknown or
// missing keys and wrong types are errors that name the field.
#pragma once

#include "core/base/status.h"
#include "faults/plan/json_reader.h"
#include "faults/plan/plan.h"

namespace aftersync::faults {

[[nodiscard]] Json to_json(const Plan& plan);
// Code::invalid_argument: "plan.actions[3].kind: ...".
[[nodiscard]] Result<Plan> plan_from_json(const Json& json);

}  // namespace aftersync::faults
