// Histories as EDN, the notation of Clojure, which Elle reads: a map a line,
//
//   {:index 0 :time 0 :type :ok :process 0 :f :txn :value [[:append 7 1] [:r 7 [4 1]]]}
//
// JSON's values carry over as they are written: lists and maps lose their commas, null becomes nil,
// and in a transaction the text that names an operation becomes a keyword. A process that is not a
// client becomes a keyword, as Jepsen writes :nemesis.
#pragma once

#include <string>
#include <string_view>

#include "model/history/history_reader.h"

namespace aftersync::model {

// Appends the line for `event`, with its '\n'.
void append_edn(const Event& event, std::string& out);

}  // namespace aftersync::model
