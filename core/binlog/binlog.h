// Binlog: the files that all transactions go to before anybody may see them.
//
// The binlog is what replicas are fed from and what recovery believes, so it decides whether a
// transaction has happened: one that is whole in it, durably, has. Everything here follows from
// that.
//
//  1. Only whole transactions are appended. What a crash has cut off at the end of the last file is
//     cut off for good when the files are opened; what is whole there counts, synced or not, since
//     it may have reached a device, or a replica on its own crash.
//  2. So before it counts, it is made durable: the file that was in use is written back as it was
//     read, then synced. A killed process leaves its writes in the cache only, and after a failed
//     sync the kernel takes for clean what never arrived: a sync alone would prove nothing.
//  3. An append that fails (no space) may have left whole transactions behind the end; they are cut
//     off, durably, before the failure is told. When that fails too, or a sync does, the process
//     stops.
//  4. Nobody else reads beyond durable(). A replica never has what its source may lose. Whoever
//  does
//     not want that (sync_binlog other than 1) says so group by group: let_read().
//  5. A file is made, with the GTIDs of all files before it, and synced, before the one before it
//     ends with a Rotate, before it is entered in the index. Each restart begins a new file.
//
// Files and their index: binlog_index.h; what is in them: event.h.
//
// Thread safety: append(), sync(), let_read(), rotate(), purge_before() and close() by one task at
// a time; the rest from any. Locks: mutex_ is a leaf, never held across I/O.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/binlog/binlog_index.h"
#include "core/binlog/control_events.h"
#include "core/binlog/event.h"
#include "core/binlog/event_buffer.h"
#include "core/binlog/event_stream.h"
#include "core/binlog/gtid_set.h"
#include "core/binlog/transaction_scan.h"
#include "core/platform/node.h"
#include "core/platform/sync.h"

namespace aftersync::binlog {

// A place in the binlog. Later places are greater.
struct BinlogPlace {
  uint64_t file = 0;  // its number
  uint64_t position = 0;
  friend auto operator<=>(const BinlogPlace&, const BinlogPlace&) = default;
};

struct BinlogOptions {
  std::string base = "binlog";  // path of the files without their numbers
  std::string server_version = "8.0.34-aftersync";
  uint32_t server_id = 1;
  uint64_t max_bytes = 1 << 30;  // max_binlog_size: a file beyond it is followed by a new one
  Checksum checksum = Checksum::crc32;
  // Files that end before this place have lost what somebody needs: Code::corruption from open().
  BinlogPlace reaches;
};

class Binlog {
 public:
  // Recovers, and begins a new file. Code::corruption, unsupported: a file that is entered in the
  // index is not what was written; nothing has been changed then.
  [[nodiscard]] static Result<std::unique_ptr<Binlog>> open(Node& node, BinlogOptions options);
  // Ends the file with a Stop. Only destruction may follow, or another try after Code::no_space.
  Status close();

  // Appends transactions, whole ones, whose GTIDs are `gtids`. Not durable yet. Returns the place
  // behind them. Code::no_space, too_large (beyond 4 GiB in one file): nothing has been appended.
  [[nodiscard]] Result<BinlogPlace> append(EventBuffer& events, const GtidSet& gtids);
  // Makes everything appended durable: one fdatasync. A failure stops the process.
  void sync();
  // Instead of sync(), for those who do without: lets readers have what may be lost yet.
  void let_read() { publish_durable(); }
  // Begins a new file. What has been appended is durable then. Code::no_space: the old one goes on.
  Status rotate();
  [[nodiscard]] bool wants_rotation() const { return end_.position >= options_.max_bytes; }
  // Removes the files before the one called `name`. Code::not_found.
  Status purge_before(std::string_view name);

  // The number of a file. Code::not_found. For the task that appends.
  [[nodiscard]] Result<uint64_t> number_of(std::string_view name) const {
    return index_.find(name);
  }
  // Where the next transaction goes; for the task that appends.
  [[nodiscard]] BinlogPlace end() const { return end_; }
  // How far everything is durable: where readers stop.
  [[nodiscard]] BinlogPlace durable();
  // Waits until durable() is beyond `place`; false when `deadline` came first.
  [[nodiscard]] bool wait_beyond(BinlogPlace place, MonoTime deadline);

  // The GTIDs of all transactions that were ever appended, and of those in files purged since.
  [[nodiscard]] GtidSet gtids();
  [[nodiscard]] GtidSet purged();

  struct FileInfo {
    uint64_t number = 0;
    std::string name;
    uint64_t bytes = 0;
  };
  [[nodiscard]] Result<std::vector<FileInfo>> list();
  // A reader of one file; it may go up to durable(), in files before that to their end.
  [[nodiscard]] Result<EventStream> read(uint64_t file);
  // The last file whose previous transactions are all in `have`: where a replica that has those
  // must begin. Code::not_found when some that it lacks are purged.
  [[nodiscard]] Result<uint64_t> file_for(const GtidSet& have);

 private:
  Binlog(Node& node, BinlogOptions options, BinlogIndex index);

  Status recover();
  [[nodiscard]] Status check_reaches(uint64_t end) const;
  Status recover_last(const std::string& path);
  [[nodiscard]] Result<bool> take_next(EventStream& stream, uint64_t size, TransactionScan& scan);
  [[nodiscard]] Result<GtidSet> previous_gtids(uint64_t file);
  [[nodiscard]] Result<File> make_file(uint64_t number, uint64_t& end);
  Status end_file(EventType type, std::string_view body);
  Status write_at_end(EventBuffer& events);
  [[nodiscard]] EventHeader header_of(EventType type);
  void require(const Status& status, std::string_view what);
  void publish_durable();

  Node& node_;
  const BinlogOptions options_;
  // Of the task that appends.
  BinlogIndex index_;
  std::optional<File> file_;
  BinlogPlace end_;

  Mutex mutex_;
  CondVar grown_;
  // Guarded by mutex_.
  uint64_t first_file_ = 0;
  BinlogPlace durable_;
  GtidSet gtids_;
  GtidSet purged_;
};

}  // namespace aftersync::binlog
