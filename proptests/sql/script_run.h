// Scripts of SQL: statements of named sessions, each followed by the answer.
//
//   # A comment.
//   a> SELECT id, name FROM t
//   id name
//   1  'one'
//   2  NULL
//
//   b> INSERT INTO t VALUES (1, 'again')
//   error 1062 (23000): Duplicate entry '1' for key 't.PRIMARY'
//
// A session begins when its name is first met, in the database `test`. Rows are written with a tab
// between columns, texts in quotes. `ok` stands for an answer without rows, with the number of rows
// where it is not 0, the insert id, the number of warnings, and the text that clients show.
//
// Sessions take turns in one task: who would have to wait for a row is told 1205 at once.
#pragma once

#include <string>

#include "core/platform/node.h"

namespace aftersync {

// The script with the answers that it gets on a fresh server.
[[nodiscard]] std::string run_script(Node& node, const std::string& script);

}  // namespace aftersync
