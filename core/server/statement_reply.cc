// Values out of expressions, and the implicit commit.
#include "core/server/statement_reply.h"

namespace aftersync::server {

namespace {

// Keeps the first value of the first row.
class OneValue : public sql::RowSink {
 public:
  Status begin(std::span<const sql::ResultColumn> columns) override {
    value.type = columns.front().type;
    return {};
  }
  Status row(std::span<const sql::Value> values) override {
    value.value = values.front();
    return {};
  }

  sql::TypedValue value;
};

}  // namespace

std::variant<sql::TypedValue, sql::SqlError> evaluate(sql::Session& session,
                                                      const sql::Expr& expr) {
  sql::SelectItem item;
  item.expr = sql::Box<sql::Expr>(expr);
  sql::Select select;
  select.items.push_back(std::move(item));
  sql::QueryTerm term;
  term.body = std::move(select);
  sql::Query query;
  query.terms.push_back(std::move(term));
  OneValue sink;
  auto answer = session.execute(query, sink);
  if (auto* error = std::get_if<sql::SqlError>(&answer)) return std::move(*error);
  return std::move(sink.value);
}

std::optional<sql::SqlError> commit_before(sql::Session& session) {
  OneValue sink;
  sql::EndStatement commit;
  commit.chain = commit.release = sql::Completion::no;
  auto answer = session.execute(commit, sink);
  if (auto* error = std::get_if<sql::SqlError>(&answer)) return std::move(*error);
  return std::nullopt;
}

}  // namespace aftersync::server
