// Workers: fork, lines through pipes, one poll loop.
#include "faults/cli/workers.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <new>
#include <vector>

#include "core/base/probe.h"
#include "faults/plan/json_reader.h"

namespace aftersync::faults::cli {

namespace {

constexpr uint64_t kNone = UINT64_MAX;

// Memory that parent and workers share.
struct Shared {
  std::atomic<uint64_t> lowest_violation{kNone};
  std::atomic<bool> out_of_time{false};
  struct Place {
    std::atomic<uint64_t> seed{kNone};  // being tried
  };
  Place places[64];
};
constexpr uint32_t kMaxWorkers = 64;
static_assert(std::atomic<uint64_t>::is_always_lock_free);

struct Worker {
  pid_t pid = -1;
  int pipe = -1;
  std::string buffer;  // an unfinished line
};

void lower(std::atomic<uint64_t>& value, uint64_t to) {
  uint64_t known = value.load();
  while (to < known && !value.compare_exchange_weak(known, to)) {
  }
}

bool send_line(int pipe, std::string line) {
  line += '\n';
  for (size_t sent = 0; sent < line.size();) {
    const ssize_t n = write(pipe, line.data() + sent, line.size() - sent);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    sent += static_cast<size_t>(n);
  }
  return true;
}

std::string probe_line() {
  Json json;
  for (const ProbeReading& probe : read_probes())
    json["probes"][std::string(probe.name)] = probe.visits;
  return json.is_null() ? std::string("{\"probes\":{}}") : json.dump();
}

std::string error_line(const Status& status) {
  Json json;
  json["error"] = std::string(status.message());
  return json.dump();
}

// The life of worker `number`; its exit status.
int work(const WorkerTask& task, Shared& shared, uint32_t number, int pipe) {
  for (uint64_t seed = task.seeds.first + number; seed <= task.seeds.last; seed += task.workers) {
    if (task.stop_at_violation && seed > shared.lowest_violation.load()) break;
    if (task.out_of_time()) {
      shared.out_of_time.store(true);
      break;
    }
    shared.places[number].seed.store(seed);
    const auto report = task.try_seed(seed);
    if (!report.ok()) {
      (void)send_line(pipe, error_line(report.status()));
      lower(shared.lowest_violation, 0);
      break;
    }
    if (!report->held()) lower(shared.lowest_violation, seed);
    if (!send_line(pipe, to_line(*report))) return 1;
    shared.places[number].seed.store(kNone);
  }
  shared.places[number].seed.store(kNone);
  return send_line(pipe, probe_line()) ? 0 : 1;
}

class Parent {
 public:
  Parent(const WorkerTask& task, Shared& shared, const std::function<void(SeedReport)>& take)
      : task_(task), shared_(shared), take_(take) {}
  ~Parent() {
    for (Worker& worker : workers_) {
      if (worker.pipe >= 0) close(worker.pipe);
      if (worker.pid > 0) (void)waitpid(worker.pid, nullptr, 0);
    }
  }
  Parent(const Parent&) = delete;
  Parent& operator=(const Parent&) = delete;

  Status start() {
    for (uint32_t number = 0; number < task_.workers; ++number) {
      int ends[2];
      if (pipe(ends) != 0) return failed("pipe");
      std::fflush(nullptr);
      const pid_t pid = fork();
      if (pid < 0) {
        close(ends[0]);
        close(ends[1]);
        return failed("fork");
      }
      if (pid == 0) {
        close(ends[0]);
        for (const Worker& other : workers_) close(other.pipe);
        _exit(work(task_, shared_, number, ends[1]));
      }
      close(ends[1]);
      workers_.push_back({pid, ends[0], {}});
    }
    return {};
  }

  Result<Collected> listen() {
    while (true) {
      std::vector<pollfd> waiting;
      for (const Worker& worker : workers_) {
        if (worker.pipe >= 0) waiting.push_back({worker.pipe, POLLIN, 0});
      }
      if (waiting.empty()) break;
      if (poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return failed("poll");
      for (const pollfd& ready : waiting) {
        if (ready.revents != 0) read_some(ready.fd);
      }
    }
    collected_.out_of_time = shared_.out_of_time.load();
    if (!error_.ok()) return error_;
    return collected_;
  }

 private:
  static Status failed(const char* what) {
    return {Code::unavailable, std::string(what) + ": " + std::strerror(errno)};
  }

  void read_some(int pipe) {
    Worker* worker = nullptr;
    for (Worker& candidate : workers_) {
      if (candidate.pipe == pipe) worker = &candidate;
    }
    char bytes[65536];
    const ssize_t n = read(pipe, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR) return;
    if (n <= 0) return worker_ended(*worker);
    worker->buffer.append(bytes, static_cast<size_t>(n));
    size_t begin = 0;
    for (size_t end; (end = worker->buffer.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
      take_line(std::string_view(worker->buffer).substr(begin, end - begin));
    }
    worker->buffer.erase(0, begin);
  }

  void take_line(std::string_view line) {
    const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (json.contains("error")) {
      if (error_.ok()) error_ = Status(Code::invalid_argument, json["error"].get<std::string>());
    } else if (json.contains("probes")) {
      for (const auto& [name, visits] : json["probes"].items()) {
        collected_.probes[name] += visits.get<uint64_t>();
      }
    } else {
      auto report = parse_line(line);
      CHECK_OK(report);
      take_(std::move(report).value());
    }
  }

  void worker_ended(Worker& worker) {
    close(worker.pipe);
    worker.pipe = -1;
    int status = 0;
    (void)waitpid(std::exchange(worker.pid, -1), &status, 0);
    const uint64_t seed = shared_.places[&worker - workers_.data()].seed.load();
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    SeedReport report;
    report.seed = seed == kNone ? task_.seeds.first : seed;
    report.violation = WIFSIGNALED(status)
                           ? "simulator died: " + std::string(strsignal(WTERMSIG(status)))
                           : "simulator died: exit status " + std::to_string(WEXITSTATUS(status));
    lower(shared_.lowest_violation, report.seed);
    take_(std::move(report));
  }

  const WorkerTask& task_;
  Shared& shared_;
  const std::function<void(SeedReport)>& take_;
  std::vector<Worker> workers_;
  Collected collected_;
  Status error_;
};

}  // namespace

Result<Collected> collect(const WorkerTask& task, const std::function<void(SeedReport)>& take) {
  CHECK(task.workers >= 1 && task.workers <= kMaxWorkers);
  void* const memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return Status(Code::unavailable, "mmap");
  auto* const shared = new (memory) Shared;
  Result<Collected> collected = [&]() -> Result<Collected> {
    Parent parent(task, *shared, take);
    RETURN_IF_ERROR(parent.start());
    return parent.listen();
  }();
  shared->~Shared();
  munmap(memory, sizeof(Shared));
  return collected;
}

}  // namespace aftersync::faults::cli
