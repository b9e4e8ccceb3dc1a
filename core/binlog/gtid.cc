// Gtid: its text form.
#include "core/binlog/gtid.h"

#include "core/binlog/gtid_text.h"

namespace aftersync::binlog {

Result<Gtid> Gtid::parse(std::string_view text) {
  GtidText tokens(text);
  Gtid gtid;
  ASSIGN_OR_RETURN(gtid.source, tokens.source());
  if (!tokens.take(':')) return tokens.expected("':'");
  ASSIGN_OR_RETURN(gtid.number, tokens.number());
  if (!tokens.at_end()) return tokens.expected("the end");
  return gtid;
}

std::string Gtid::to_string() const { return source.to_string() + ":" + std::to_string(number); }

}  // namespace aftersync::binlog
