// The real node: what only a process of its own can show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/platform/posix/posix_node.h"
#include "proptests/platform/contract_harness.h"
#include "proptests/platform/temporary_directory_posix.h"

namespace aftersync {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

std::unique_ptr<posix::RealNode> open_in(const TemporaryDirectory& directory) {
  auto real = posix::RealNode::open(
      {.data_directory = directory.path(), .error_log_path = directory.path() + "/error.log"});
  CHECK_OK(real);
  return *std::move(real);
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

TEST(RealNode, NeedsItsDataDirectory) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/data";
  const auto absent = posix::RealNode::open({.data_directory = path});
  EXPECT_EQ(absent.code(), Code::not_found);
  EXPECT_THAT(absent.status().to_string(), HasSubstr(path));
  EXPECT_TRUE(posix::RealNode::open({.data_directory = path, .create_data_directory = true}).ok());
  EXPECT_TRUE(posix::RealNode::open({.data_directory = path, .create_data_directory = true}).ok());
  EXPECT_TRUE(posix::RealNode::open({.data_directory = path}).ok());
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0007, 0u) << "others may not look";
  const auto log = posix::RealNode::open(
      {.data_directory = path, .error_log_path = directory.path() + "/no/error.log"});
  EXPECT_EQ(log.code(), Code::not_found);
}

TEST(RealNode, KeepsItsDataDirectoryWhenThatIsRenamed) {
  const TemporaryDirectory directory;
  const std::string before = directory.path() + "/before";
  const std::string after = directory.path() + "/after";
  auto real = posix::RealNode::open({.data_directory = before, .create_data_directory = true});
  ASSERT_TRUE(real.ok());
  std::filesystem::rename(before, after);
  EXPECT_TRUE((*real)->node().disk().open("a", OpenMode::create_new).ok());
  EXPECT_TRUE(std::filesystem::exists(after + "/a"));
}

TEST(RealNode, MustOutliveItsTasks) {
  const TemporaryDirectory directory;
  EXPECT_DEATH(
      {
        auto real = open_in(directory);
        Task task = real->node().tasks().spawn("left", [] {});
        real.reset();
      },
      "live_tasks");
}

TEST(RealNode, CrashStopsTheProcessAfterSayingWhy) {
  const TemporaryDirectory directory;
  EXPECT_EXIT(
      {
        auto real = open_in(directory);
        ::atexit([] { ::_exit(3); });
        struct Noisy {
          ~Noisy() { ::_exit(4); }
        } noisy;
        real->node().crash("fdatasync of redo0 failed");
      },
      ::testing::KilledBySignal(SIGABRT), "");
  const auto lines = lines_of(directory.path() + "/error.log");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], HasSubstr("[ERROR]"));
  EXPECT_THAT(lines[0], HasSubstr("fdatasync of redo0 failed"));
}

TEST(RealNode, LogLinesAreThoseOfMySql) {
  const TemporaryDirectory directory;
  {
    auto real = open_in(directory);
    Node& node = real->node();
    node.tasks().spawn("purger", [&] { node.error_log().write(Severity::warning, "one"); }).join();
    node.tasks().spawn("x", [&] { node.error_log().write(Severity::note, "a\nb\x01"); }).join();
    node.error_log().write(Severity::system, "up");
  }
  const std::string time = "[0-9-]+T[0-9:]+[.][0-9]+Z ";
  EXPECT_THAT(lines_of(directory.path() + "/error.log"),
              ElementsAre(MatchesRegex(time + "purger \\[Warning\\] one"),
                          MatchesRegex(time + "x \\[Note\\] a\\\\nb\\\\x01"),
                          MatchesRegex(time + ".* \\[System\\] up")));
  auto real = open_in(directory);
  real->node().error_log().write(Severity::note, "again");
  EXPECT_EQ(lines_of(directory.path() + "/error.log").size(), 4u) << "appended, not replaced";
}

TEST(RealNode, LogLinesOfManyTasksDoNotMix) {
  const TemporaryDirectory directory;
  auto real = open_in(directory);
  in_tasks(real->node(), 4, [&](size_t self) {
    const std::string text(500, static_cast<char>('a' + self));
    for (int i = 0; i < 50; ++i) real->node().error_log().write(Severity::note, text);
  });
  const auto lines = lines_of(directory.path() + "/error.log");
  EXPECT_EQ(lines.size(), 200u);
  for (const std::string& line : lines) {
    const std::string text = line.substr(line.size() - 500);
    EXPECT_EQ(text, std::string(500, text[0]));
  }
}

TEST(RealNode, TasksLeaveSignalsToMain) {
  const TemporaryDirectory directory;
  auto real = open_in(directory);
  sigset_t inside;
  real->node()
      .tasks()
      .spawn("any", [&] { ::pthread_sigmask(SIG_SETMASK, nullptr, &inside); })
      .join();
  for (const int foreign : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGPIPE, SIGCHLD}) {
    EXPECT_EQ(::sigismember(&inside, foreign), 1) << foreign;
  }
  for (const int own : {SIGSEGV, SIGBUS, SIGABRT, SIGPROF}) {
    EXPECT_EQ(::sigismember(&inside, own), 0) << own;
  }
  sigset_t outside;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &outside);
  EXPECT_EQ(::sigismember(&outside, SIGTERM), 0);
}

// A signal that main() handles interrupts the call that main() is in.
TEST(RealNode, SignalsCutNoWaitShort) {
  const TemporaryDirectory directory;
  auto real = open_in(directory);
  Node& node = real->node();
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) {};  // and no SA_RESTART
  ASSERT_EQ(::sigaction(SIGUSR1, &action, &before), 0);
  auto listener = node.net().listen("127.0.0.1:0");
  ASSERT_TRUE(listener.ok());
  const pthread_t main_thread = ::pthread_self();
  Event stop;
  Task pest = node.tasks().spawn("pest", [&] {
    while (!stop.is_set()) {
      ::pthread_kill(main_thread, SIGUSR1);
      (void)node.tasks().sleep_for(200us);
    }
  });
  const MonoTime deadline = node.clock().now() + 20ms;
  EXPECT_TRUE(node.tasks().sleep_until(deadline).ok());
  EXPECT_GE(node.clock().now(), deadline);
  EXPECT_EQ(listener->accept(node.clock().now() + 20ms).code(), Code::timed_out);
  auto file = node.disk().open("a", OpenMode::create);
  const std::string bytes(5'000'000, 'x');
  EXPECT_TRUE(file->write(0, bytes).ok());
  EXPECT_TRUE(file->sync_data().ok());
  std::string back(bytes.size(), '\0');
  EXPECT_TRUE(file->read_exactly(0, back).ok());
  EXPECT_TRUE(back == bytes);
  stop.set();
  pest.join();
  ::sigaction(SIGUSR1, &before, nullptr);
}

TEST(RealNode, AFullDeviceIsNoSpace) {
  const TemporaryDirectory directory;
  auto real = open_in(directory);
  auto file = real->node().disk().open("a", OpenMode::create);
  ASSERT_TRUE(file.ok());
  // The nearest thing to a full device that needs no device: a limit on how far files may grow.
  // Without the signal that goes with it, a write reports it (setrlimit(2)).
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 4096;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status status = file->write(4000, std::string(1000, 'x'));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(status.code(), Code::no_space) << status.to_string();
  EXPECT_THAT(status.to_string(), HasSubstr("1000 bytes at offset 4000"));
  EXPECT_TRUE(file->write(4000, "x").ok());
}

TEST(RealNode, AnUnsyncableFileIsAnIoError) {
  const TemporaryDirectory directory;
  ASSERT_EQ(::mkfifo((directory.path() + "/pipe").c_str(), 0600), 0);
  auto real = open_in(directory);
  auto file = real->node().disk().open("pipe", OpenMode::write);
  ASSERT_TRUE(file.ok());
  const Status status = file->sync_data();
  EXPECT_EQ(status.code(), Code::io_error);
  EXPECT_THAT(status.to_string(), HasSubstr("sync_data pipe"));
}

TEST(RealNode, TheLockNamesItsHolderAndEndsWithIt) {
  const TemporaryDirectory directory;
  int ready[2];
  int done[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(done), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto real = open_in(directory);
    auto lock = real->node().disk().lock_file("lock");
    [[maybe_unused]] ssize_t n = ::write(ready[1], "x", 1);
    char byte;
    n = ::read(done[0], &byte, 1);
    ::raise(SIGKILL);
  }
  char byte;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  auto real = open_in(directory);
  const auto held = real->node().disk().lock_file("lock");
  EXPECT_EQ(held.code(), Code::unavailable);
  EXPECT_THAT(held.status().to_string(), HasSubstr("process " + std::to_string(child)));
  ASSERT_EQ(::write(done[1], "x", 1), 1);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(real->node().disk().lock_file("lock").ok());
  for (const int fd : {ready[0], ready[1], done[0], done[1]}) ::close(fd);
}

TEST(RealNode, AUnixSocketLeftByAKilledProcessIsReplaced) {
  const TemporaryDirectory directory;
  auto real = open_in(directory);
  {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = directory.path() + "/s.sock";
    std::copy(path.begin(), path.end(), address.sun_path);
    ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::close(fd);
  }
  ASSERT_TRUE(*real->node().disk().exists("s.sock"));
  EXPECT_EQ(real->node().net().connect("unix:s.sock", kNever).code(), Code::unavailable);
  {
    auto listener = real->node().net().listen("unix:s.sock");
    EXPECT_TRUE(listener.ok()) << listener.status().to_string();
  }
  EXPECT_FALSE(*real->node().disk().exists("s.sock"));
  ASSERT_TRUE(real->node().disk().open("file", OpenMode::create).ok());
  EXPECT_EQ(real->node().net().listen("unix:file").code(), Code::unavailable);
  EXPECT_TRUE(*real->node().disk().exists("file")) << "what is no socket is never removed";
}

TEST(RealNode, UnixSocketsWorkBelowLongPathsAndAtAbsoluteOnes) {
  const TemporaryDirectory directory;
  const std::string data = directory.path() + "/" + std::string(200, 'd');
  auto real = posix::RealNode::open({.data_directory = data, .create_data_directory = true});
  ASSERT_TRUE(real.ok());
  Net& net = (*real)->node().net();
  for (const std::string& address : {std::string("unix:s"), "unix:" + directory.path() + "/s"}) {
    auto listener = net.listen(address);
    ASSERT_TRUE(listener.ok()) << listener.status().to_string();
    EXPECT_TRUE(net.connect(address, kNever).ok());
  }
  EXPECT_EQ(net.connect("unix:" + std::string(200, 'd'), kNever).code(), Code::too_large);
}

TEST(RealNode, NamesAndIpv6) {
  const TemporaryDirectory directory;
  auto real = open_in(directory);
  Net& net = real->node().net();
  auto listener = net.listen("localhost:0");
  ASSERT_TRUE(listener.ok()) << listener.status().to_string();
  EXPECT_THAT(listener->address(), HasSubstr("127.0.0.1:"));
  const std::string port = listener->address().substr(listener->address().rfind(':'));
  EXPECT_TRUE(net.connect("localhost" + port, in_a_long_time(real->node())).ok());

  auto six = net.listen("[::1]:0");
  if (!six.ok()) GTEST_SKIP() << "no IPv6 here: " << six.status().to_string();
  EXPECT_THAT(six->address(), HasSubstr("[::1]:"));
  auto stream = net.connect(six->address(), kNever);
  ASSERT_TRUE(stream.ok());
  EXPECT_EQ(stream->peer_address(), six->address());
}

TEST(RealNode, AFullUnixBacklogIsWaitedFor) {
  const TemporaryDirectory directory;
  auto real = open_in(directory);
  Node& node = real->node();
  // A listener of our own making: Net's are given the largest backlog there is.
  const std::string path = directory.path() + "/tiny.sock";
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(fd, 0), 0);
  std::vector<Stream> streams;
  Status status;
  for (int i = 0; i < 10 && status.ok(); ++i) {
    auto stream = node.net().connect("unix:tiny.sock", node.clock().now() + 10ms);
    status = stream.status();
    if (stream.ok()) streams.push_back(*std::move(stream));
  }
  EXPECT_EQ(status.code(), Code::timed_out);
  Task acceptor = node.tasks().spawn("acceptor", [&] { ::close(::accept(fd, nullptr, nullptr)); });
  EXPECT_TRUE(node.net().connect("unix:tiny.sock", in_a_long_time(node)).ok());
  acceptor.join();
  Task stopper = node.tasks().spawn("stopper", [&] { node.tasks().request_shutdown(); });
  EXPECT_EQ(node.net().connect("unix:tiny.sock", kNever).code(), Code::shutdown);
  stopper.join();
  ::close(fd);
}

}  // namespace
}  // namespace aftersync
