// Rewrites JSON text as EDN text. The reader has checked the form, so this only follows it.
#include "model/history/edn.h"

#include <cctype>

#include "model/history/history_format.h"

namespace aftersync::model {

namespace {

// The text from its opening quote on, both quotes included. JSON's escapes are also EDN's, save \/,
// \b and \f, of which EDN readers know none but the plain character.
size_t copy_text(std::string_view json, size_t at, std::string& out) {
  out += json[at++];
  while (json[at] != '"') {
    if (json[at] == '\\') {
      const char escaped = json[at + 1];
      if (escaped != '/') out += json[at];
      out += escaped;
      at += 2;
    } else {
      out += json[at++];
    }
  }
  out += '"';
  return at + 1;
}

// Names that can stand after a colon; anything else stays a text.
bool is_keyword(std::string_view name) {
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0) return false;
  for (const char c : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (!plain && c != '-' && c != '_' && c != '/' && c != '.') return false;
  }
  return true;
}

void append_name(std::string_view name, std::string& out) {
  if (is_keyword(name)) {
    out += ':';
    out += name;
    return;
  }
  out += '"';
  for (const char c : name) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void append_value(std::string_view json, bool is_transaction, std::string& out) {
  int depth = 0;
  for (size_t at = 0; at < json.size();) {
    const char c = json[at];
    if (c == '"') {
      const bool names_operation = is_transaction && depth == 2 && out.back() == '[';
      const size_t start = out.size();
      at = copy_text(json, at, out);
      if (names_operation) {  // "append" -> :append
        out[start] = ':';
        out.pop_back();
      }
      continue;
    }
    ++at;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (c == ',' || c == ':') {
      out += ' ';
    } else if (c == 'n') {
      out += "nil";
      at += 3;
    } else if (c != ' ' && c != '\t' && c != '\r') {
      out += c;
    }
  }
}

std::string_view type_name(EventType type) {
  switch (type) {
    case EventType::invoke: return "invoke";
    case EventType::ok: return "ok";
    case EventType::fail: return "fail";
    case EventType::info: return "info";
  }
  return "info";
}

}  // namespace

void append_edn(const Event& event, std::string& out) {
  out += "{:index " + std::to_string(event.index) + " :time " + std::to_string(event.time);
  out += " :type :";
  out += type_name(event.type);
  out += " :process ";
  if (event.is_client) {
    out += event.process_json;
  } else {
    append_name(event.process_json.substr(1, event.process_json.size() - 2), out);
  }
  out += " :f ";
  append_name(event.f, out);
  out += " :value ";
  if (event.value_json.empty()) {
    out += "nil";
  } else {
    append_value(event.value_json, event.f == kTransaction, out);
  }
  out += "}\n";
}

}  // namespace aftersync::model
