// The part of SQL that scripts are written in: what sessions of InnoDB's manual and of isolation
// tests say, as a real server would take it. Keywords and names are without case.
//
//   create table t (id int [not null] [primary key], c varchar(9), ...,
//                   [primary key (a, b),] [unique [key] n (a),] [key n (a)])
//   begin | start transaction [with consistent snapshot] | commit | rollback
//   savepoint s | rollback to s | release savepoint s
//   set [session] transaction isolation level L | set innodb_snapshot_isolation = on | off
//   select * from t [force index (i)] [where C] [order by column [desc]] [limit n]
//          [for update | for share | lock in share mode] [nowait | skip locked]
//   insert into t values (v, ...), ...
//   update t [force index (i)] set c = v | c = d + n | c = d - n, ... [where C]
//   delete from t [where C]
//   purge                                 (no SQL: what the background would do)
//
// C: conditions joined by AND: c OP v (= <> < <= > >=), c between a and b, c in (v, ...),
// c is null, c % n = m. Values: integers, 'text', null.
#pragma once

#include <string_view>

#include "core/base/status.h"
#include "model/txn/interpreter.h"
#include "model/txn/statement.h"

namespace aftersync::model::txn {

// Fails with invalid_argument: what was expected, and where.
[[nodiscard]] Result<Statement> parse(std::string_view text, const Interpreter& tables);

// The isolation level of that name.
[[nodiscard]] std::optional<Isolation> isolation_named(std::string_view name);

}  // namespace aftersync::model::txn
