// Small stores for tests.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "core/storage/page_store.h"
#include "core/storage/segment.h"
#include "proptests/support/on_node.h"

namespace aftersync::storage {

inline constexpr SpaceId kTestSpace = kFirstTableSpace;

inline PageStoreOptions small_store(size_t frames = kMinPoolFrames) {
  PageStoreOptions options;
  options.log.geometry = {.files = 2, .file_bytes = 2 * 1024 * 1024};
  options.log.buffer_bytes = 1024 * 1024;
  options.pool.frames = frames;
  return options;
}

// Opens a store, made if need be, with kTestSpace in it.
inline std::unique_ptr<PageStore> open_store(Node& node,
                                             const PageStoreOptions& options = small_store()) {
  auto opened = PageStore::open(node, options);
  CHECK_OK(opened);
  std::unique_ptr<PageStore> store = std::move(opened).value();
  if (store->is_new()) {
    CHECK_OK(store->create_space(kTestSpace));
    CHECK_OK(store->bootstrap_done());
  } else if (!store->spaces().find(kTestSpace).ok()) {
    CHECK_OK(store->spaces().open(kTestSpace));
  }
  return store;
}

}  // namespace aftersync::storage
