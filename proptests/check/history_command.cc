// aftersync-check history FILE...: reads, checks, reports.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "model/history/check_history.h"
#include "model/history/edn.h"
#include "model/history/history_reader.h"
#include "proptests/check/subcommand.h"

namespace aftersync::check {

namespace {

constexpr size_t kPieceBytes = 1 << 20;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

struct Options {
  std::vector<std::string> files;
  std::string model_name = "strict-serializable";
  model::ConsistencyModel model = model::ConsistencyModel::strict_serializable;
  std::string edn;
  bool json = false;
  bool list_models = false;
};

Status system_error(const std::string& path) {
  return Status(Code::io_error, path + ": " + std::strerror(errno));
}

// Collects EDN and writes it in pieces; remembers the first failure.
class EdnFile {
 public:
  Status open(const std::string& path) {
    path_ = path;
    file_.reset(std::fopen(path.c_str(), "wb"));
    return file_ == nullptr ? system_error(path) : Status();
  }
  void add(const model::Event& event) {
    model::append_edn(event, text_);
    if (text_.size() >= kPieceBytes) flush();
  }
  Status close() {
    flush();
    if (std::fflush(file_.get()) != 0) failed_ = true;
    return failed_ ? system_error(path_) : Status();
  }

 private:
  void flush() {
    if (std::fwrite(text_.data(), 1, text_.size(), file_.get()) != text_.size()) failed_ = true;
    text_.clear();
  }

  std::string path_;
  File file_;
  std::string text_;
  bool failed_ = false;
};

Status read_file(const std::string& path, model::HistoryReader& reader) {
  File opened;
  std::FILE* file = stdin;
  if (path != "-") {
    opened.reset(std::fopen(path.c_str(), "rb"));
    if (opened == nullptr) return system_error(path);
    file = opened.get();
  }
  std::vector<char> piece(kPieceBytes);
  size_t got = 0;
  while ((got = std::fread(piece.data(), 1, piece.size(), file)) > 0) {
    RETURN_IF_ERROR(reader.feed({piece.data(), got}).in(path));
  }
  if (std::ferror(file) != 0) return system_error(path);
  return reader.finish().in(path);
}

Status read_history(const Options& options, const std::string& path, model::History& history) {
  EdnFile edn;
  model::EventObserver observer;
  if (!options.edn.empty()) {
    RETURN_IF_ERROR(edn.open(options.edn));
    observer = [&edn](const model::Event& event) { edn.add(event); };
  }
  model::HistoryReader reader(history, observer);
  RETURN_IF_ERROR(read_file(path, reader));
  return options.edn.empty() ? Status() : edn.close();
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int check_file(const Options& options, const std::string& path) {
  model::History history;
  const auto bad = [](const Status& status) {
    std::fprintf(stderr, "aftersync-check: %s\n", std::string(status.message()).c_str());
    return kBadInput;
  };
  if (const Status status = read_history(options, path, history); !status.ok()) return bad(status);
  const Result<model::CheckReport> report = model::check_history(history);
  if (!report.ok()) return bad(report.status().in(path));
  if (options.json) {
    nlohmann::ordered_json json = model::json_report(history, *report, options.model);
    json["file"] = path;
    print(json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  } else {
    if (options.files.size() > 1) print("== " + path + "\n");
    print(model::text_report(history, *report, options.model));
  }
  if (!report->of(options.model).ruled_out_by.empty()) return kViolated;
  return report->findings.undecided().empty() ? kHolds : kUndecided;
}

void list_models() {
  for (const model::ConsistencyModel model : model::all_models()) {
    std::string line(model::name_of(model));
    line.resize(36, ' ');
    line += model::summary_of(model);
    std::string implied;
    for (const model::ConsistencyModel weaker : model::implied_by(model)) {
      implied += (implied.empty() ? "" : ", ") + std::string(model::name_of(weaker));
    }
    print(line + (implied.empty() ? "" : "; implies " + implied) + "\n");
  }
}

int run_history(Options& options) {
  if (options.list_models) {
    list_models();
    return kHolds;
  }
  const auto usage = [](const std::string& text) {
    std::fprintf(stderr, "aftersync-check history: %s\n", text.c_str());
    return kBadInput;
  };
  if (options.files.empty()) return usage("a FILE is required, or - for standard input");
  if (!options.edn.empty() && options.files.size() > 1) return usage("--export-edn takes one FILE");
  const auto model = model::model_of(options.model_name);
  if (!model) return usage("no such model: " + options.model_name + " (see --list-models)");
  options.model = *model;
  // Of several files the gravest answer counts: bad input, then violated, then undecided.
  static constexpr int kGravity[] = {0, 2, 3, 1};  // by exit code
  int worst = kHolds;
  for (const std::string& path : options.files) {
    const int code = check_file(options, path);
    if (kGravity[code] > kGravity[worst]) worst = code;
  }
  return std::fflush(stdout) == 0 ? worst : usage("cannot write the report");
}

}  // namespace

void define_history(CLI::App& app, Run& run) {
  const auto options = std::make_shared<Options>();
  app.add_option("FILE", options->files, "histories, as JSON lines; - is standard input");
  app.add_option("--model", options->model_name, "the consistency model that must hold")
      ->capture_default_str();
  app.add_flag("--json", options->json, "one JSON object a FILE instead of text");
  app.add_option("--export-edn", options->edn, "also write the history as EDN, for Elle");
  app.add_flag("--list-models", options->list_models, "name the models and stop");
  app.callback([options, &run] { run = [options] { return run_history(*options); }; });
}

}  // namespace aftersync::check
