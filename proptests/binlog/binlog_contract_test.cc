// Binlog files: appending, rotation, restarts, purging, readers at the heels of the writer, and
// what is said of files that are damaged. On the operating system and on the simulator.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/platform/time.h"
#include "proptests/binlog/transactions.h"
#include "proptests/support/on_node.h"

namespace aftersync::binlog {
namespace {

std::unique_ptr<Binlog> open(Node& node, uint64_t max_bytes = 1 << 20) {
  BinlogOptions options;
  options.max_bytes = max_bytes;
  auto binlog = Binlog::open(node, options);
  CHECK_OK(binlog);
  return std::move(binlog).value();
}

// Transactions `first` to `last` in one group, synced.
void write(Binlog& binlog, uint64_t first, uint64_t last, size_t bytes = 50) {
  EventBuffer events(Checksum::crc32);
  GtidSet gtids;
  for (uint64_t n = first; n <= last; ++n) add_transaction(events, gtids, n, bytes);
  const auto end = binlog.append(events, gtids);
  CHECK_OK(end);
  EXPECT_EQ(*end, binlog.end());
  EXPECT_LT(binlog.durable(), *end);
  binlog.sync();
  EXPECT_EQ(binlog.durable(), *end);
}

TEST(Binlog, HoldsWhatWasAppendedAcrossFilesAndRestarts) {
  on_node([](Node& node) {
    {
      const auto binlog = open(node, 1000);
      EXPECT_EQ(differences(*binlog, 0), "");
      for (uint64_t n = 1; n <= 20; ++n) {
        write(*binlog, n, n);
        if (binlog->wants_rotation()) CHECK_OK(binlog->rotate());
      }
      EXPECT_EQ(differences(*binlog, 20), "");
      EXPECT_GT(binlog->end().file, 3u);
      CHECK_OK(binlog->close());
    }
    const auto binlog = open(node);
    EXPECT_EQ(differences(*binlog, 20), "");
    write(*binlog, 21, 25);
    EXPECT_EQ(differences(*binlog, 25), "");
  });
}

TEST(Binlog, PurgedFilesAreGoneAndRemembered) {
  on_node([](Node& node) {
    {
      const auto binlog = open(node);
      for (uint64_t n = 1; n <= 4; ++n) {
        write(*binlog, n, n);
        CHECK_OK(binlog->rotate());
      }
      CHECK_OK(binlog->purge_before("binlog.000003"));
      EXPECT_EQ(binlog->purged().to_string(), test_source().to_string() + ":1-2");
      EXPECT_EQ(differences(*binlog, 4), "");
      EXPECT_EQ(binlog->list()->front().name, "binlog.000003");
      EXPECT_EQ(binlog->purge_before("binlog.000002").code(), Code::not_found);
      EXPECT_EQ(binlog->purge_before("binlog.000009").code(), Code::not_found);
      EXPECT_EQ(binlog->purge_before("banana").code(), Code::not_found);
    }
    const auto binlog = open(node);
    EXPECT_EQ(differences(*binlog, 4), "");
    EXPECT_EQ(binlog->purged().count(), 2u);
  });
}

TEST(Binlog, AReplicaBeginsWhereItsTransactionsEnd) {
  on_node([](Node& node) {
    const auto binlog = open(node);
    for (uint64_t n = 1; n <= 4; ++n) {
      write(*binlog, n, n);
      CHECK_OK(binlog->rotate());
    }
    const auto file_for = [&](uint64_t last) {
      GtidSet have;
      if (last > 0) have.add(test_source(), 1, last);
      const auto file = binlog->file_for(have);
      return file.ok() ? binlog->list()->at(*file - binlog->list()->front().number).name
                       : file.status().to_string();
    };
    EXPECT_EQ(file_for(0), "binlog.000001");
    EXPECT_EQ(file_for(2), "binlog.000003");
    EXPECT_EQ(file_for(4), "binlog.000005");
    CHECK_OK(binlog->purge_before("binlog.000003"));
    EXPECT_EQ(file_for(2), "binlog.000003");
    EXPECT_EQ(file_for(1),
              "not_found: purged transactions are needed: " + test_source().to_string() + ":2");
  });
}

TEST(Binlog, AReaderFollowsTheWriter) {
  on_node([](Node& node) {
    const auto binlog = open(node, 800);
    constexpr uint64_t kLast = 30;
    in_tasks(node, 2, [&](size_t task) {
      if (task == 0) {
        for (uint64_t n = 1; n <= kLast; ++n) {
          write(*binlog, n, n);
          if (binlog->wants_rotation()) CHECK_OK(binlog->rotate());
        }
        return;
      }
      for (BinlogPlace seen; !binlog->gtids().contains(Gtid{test_source(), kLast});) {
        if (!binlog->wait_beyond(seen, node.clock().now() + 10s)) continue;
        seen = binlog->durable();
        auto stream = binlog->read(seen.file);
        CHECK_OK(stream);
        auto event = stream->next(seen.position);
        while (event.ok() && *event) event = stream->next(seen.position);
        CHECK_OK(event);
      }
    });
    EXPECT_EQ(differences(*binlog, kLast), "");
    EXPECT_FALSE(binlog->wait_beyond(binlog->durable(), node.clock().now() + 1ms));
  });
}

void write_file(Node& node, const std::string& path, uint64_t at, std::string_view bytes) {
  auto file = node.disk().open(path, OpenMode::create);
  CHECK_OK(file);
  CHECK_OK(file->write(at, bytes));
}

// A closed file is believed to be whole; one that was in use is cut off where it is damaged.
TEST(Binlog, DamageInAClosedFileIsRefusedByName) {
  on_node([](Node& node) {
    BinlogPlace end;
    {
      const auto binlog = open(node);
      write(*binlog, 1, 3);
      end = binlog->end();
      CHECK_OK(binlog->close());
    }
    write_file(node, "binlog.000001", end.position - 5, "!");
    const auto refused = Binlog::open(node, {});
    ASSERT_EQ(refused.code(), Code::corruption);
    const std::string message = refused.status().to_string();
    EXPECT_NE(message.find("binlog.000001 at "), std::string::npos) << message;
    EXPECT_NE(message.find("Xid event: checksum 0x"), std::string::npos) << message;
  });
}

TEST(Binlog, ATornEndIsCutOff) {
  on_node([](Node& node) {
    BinlogPlace end;
    {
      const auto binlog = open(node);
      write(*binlog, 1, 3);
      end = binlog->end();
    }
    write_file(node, "binlog.000001", end.position - 5, "!");
    const auto binlog = open(node);
    EXPECT_EQ(differences(*binlog, 2), "");
  });
}

TEST(Binlog, AnIndexThatIsNotOursIsRefusedByName) {
  const auto refused = [](std::string_view index) {
    std::string message;
    on_node([&](Node& node) {
      (void)open(node);
      CHECK_OK(node.disk().remove("binlog.index"));
      if (!index.empty()) write_file(node, "binlog.index", 0, index);
      message = Binlog::open(node, {}).status().to_string();
    });
    return message;
  };
  EXPECT_EQ(refused(""), "corruption: binlog.index is missing, but 'binlog.000001' is there");
  EXPECT_EQ(refused("binlog.000001\nbanana\n"),
            "corruption: binlog.index: line 2: 'binlog.000002' expected, found 'banana'");
  EXPECT_EQ(refused("binlog.000001\nbinlog.000002\n"),
            "corruption: binlog.index: 2 files expected, found 1");
}

TEST(Binlog, AFileThatIsNoBinlogIsRefusedByName) {
  on_node([](Node& node) {
    (void)open(node);
    write_file(node, "binlog.000001", 0, "<html>");
    EXPECT_EQ(Binlog::open(node, {}).status().to_string(),
              "corruption: binlog.000001 at 0: no binlog: it does not begin with FE 'bin'");
  });
}

}  // namespace
}  // namespace aftersync::binlog
