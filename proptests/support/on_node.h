// A node to run a test's body on, whatever platform the test program is linked against.
#pragma once

#include <functional>
#include <string>

#include "core/platform/node.h"

namespace aftersync {

// Runs `body` as the main task of a fresh node with an empty data directory; on the simulator, once
// for each of a few schedules. The body joins what it spawns and leaves nothing open.
void on_node(const std::function<void(Node&)>& body);

// Spawns `count` tasks that run `body(0)`, `body(1)`...; joins them all.
void in_tasks(Node& node, size_t count, const std::function<void(size_t)>& body);

}  // namespace aftersync
