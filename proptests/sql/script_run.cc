// A server of a dictionary and some sessions.
#include "proptests/sql/script_run.h"

#include <map>
#include <memory>
#include <sstream>

#include "core/sql/exec/session.h"
#include "core/sql/parser/parse.h"
#include "core/sql/print/print.h"
#include "core/sql/schema/dictionary.h"
#include "core/sql/value/convert.h"
#include "proptests/txn/engine_fixture.h"

namespace aftersync {

namespace {

class Transcript final : public sql::RowSink {
 public:
  Status begin(std::span<const sql::ResultColumn> columns) override {
    columns_.assign(columns.begin(), columns.end());
    for (size_t i = 0; i < columns.size(); ++i) text += (i > 0 ? "\t" : "") + columns[i].name;
    text += "\n";
    return {};
  }
  Status row(std::span<const sql::Value> values) override {
    for (size_t i = 0; i < values.size(); ++i) text += (i > 0 ? "\t" : "") + cell(values[i], i);
    text += "\n";
    return {};
  }
  std::string text;

 private:
  std::string cell(const sql::Value& value, size_t column) const {
    if (sql::is_null(value)) return "NULL";
    const std::string shown = sql::to_text(value, columns_[column].type);
    const bool quoted = std::holds_alternative<std::string>(value);
    return quoted ? sql::quoted_text(shown) : shown;
  }
  std::vector<sql::ResultColumn> columns_;
};

std::string summary_of(const sql::Completed& done) {
  std::string text = "ok";
  if (done.affected_rows > 0) text += ", rows " + std::to_string(done.affected_rows);
  if (done.last_insert_id > 0) text += ", insert id " + std::to_string(done.last_insert_id);
  if (done.warnings > 0) text += ", warnings " + std::to_string(done.warnings);
  if (!done.info.empty()) text += "; " + done.info;
  return text + "\n";
}

std::string text_of(const sql::SqlError& error) {
  return "error " + std::to_string(error.number) + " (" + error.sqlstate + "): " + error.message +
         "\n";
}

class ScriptServer {
 public:
  explicit ScriptServer(Node& node) : database_(node) {
    auto opened = sql::Dictionary::open(node, database_.transactions());
    CHECK_OK(opened);
    dictionary_ = *std::move(opened);
    CHECK(!dictionary_->create_database("test", "utf8mb4_general_ci"));
  }

  std::string execute(const std::string& name, const std::string& text) {
    auto parsed = sql::parse(text);
    if (const auto* error = std::get_if<sql::SqlError>(&parsed)) return text_of(*error);
    Transcript rows;
    auto answer = session(name).execute(std::get<sql::Parsed>(parsed).statement, rows);
    if (const auto* error = std::get_if<sql::SqlError>(&answer)) return rows.text + text_of(*error);
    const auto& done = std::get<sql::Completed>(answer);
    return done.has_rows ? rows.text : summary_of(done);
  }

 private:
  sql::Session& session(const std::string& name) {
    std::unique_ptr<sql::Session>& found = sessions_[name];
    if (!found) {
      found = std::make_unique<sql::Session>(*dictionary_, sql::SessionServices{});
      found->settings().row_lock_timeout = 1ms;
      found->settings().definition_lock_timeout = 1ms;
      CHECK(!found->use("test"));
    }
    return *found;
  }

  txn::Database database_;
  std::unique_ptr<sql::Dictionary> dictionary_;
  std::map<std::string, std::unique_ptr<sql::Session>> sessions_;
};

}  // namespace

std::string run_script(Node& node, const std::string& script) {
  ScriptServer server(node);
  std::istringstream lines(script);
  std::string line;
  std::string made;
  bool answered = false;
  while (std::getline(lines, line)) {
    const size_t prompt = line.find("> ");
    const bool is_statement =
        prompt != std::string::npos && prompt > 0 && line.find_first_of(" \t'") > prompt;
    if (is_statement) {
      made += line + "\n" + server.execute(line.substr(0, prompt), line.substr(prompt + 2));
      answered = true;
    } else if (line.empty() || line[0] == '#') {
      made += line + "\n";
      answered = false;
    } else if (!answered) {
      made += line + "\n";
    }
  }
  return made;
}

}  // namespace aftersync
