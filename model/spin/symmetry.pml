// Symmetry: members have no names, so states that differ only in who is who are one state.
//
// Every rule of the model treats the three members alike, and the two managers too. With
// -DSYMMETRY each step ends by sorting members and managers, so that of up to twelve states that
// say the same SPIN keeps one. Sorting by a key that leaves two different members equal would only
// keep more states than need be; it can never merge states that differ by more than names, because
// all it does is exchange two members, or two managers, wherever they are named.
//
// The names A, B and C in traces would be exchanged as well, so `check` takes its traces from runs
// without this. It is C, run inside the step; SPIN's own state vector is `now`.
#if defined(SYMMETRY) && !defined(OLD_SOURCE_ALONE)
c_code {
  static int exchanged_bits(int set, int i, int j) {
    int differ = ((set >> i) ^ (set >> j)) & 1;
    return set ^ ((differ << i) | (differ << j));
  }

  static int exchanged_name(int name, int i, int j) {
    return name == i ? j : name == j ? i : name;
  }

  static void exchange_members(int i, int j) {
    struct Member kept = now.member[i];
    int k;
    now.member[i] = now.member[j];
    now.member[j] = kept;
    for (k = 0; k < 2; k++) {
      struct Manager *manager = &now.manager[k];
      if (manager->fenced) manager->best = exchanged_name(manager->best, i, j);
      manager->fenced = exchanged_bits(manager->fenced, i, j);
      if (manager->step) manager->target = exchanged_name(manager->target, i, j);
    }
    for (k = 0; sizeof now.member[0].got > 1 && k < 3; k++) {
      unsigned char *got = now.member[k].got;
      unsigned char of_i = got[i];
      got[i] = got[j];
      got[j] = of_i;
    }
  }

  static long long member_key(int i) {
    struct Member *member = &now.member[i];
    long long key = member->log;
    int k;
    key = key << 3 | member->term;
    key = key << 3 | member->durable;
    key = key << 3 | member->visible;
    key = key << 3 | member->source << 2 | member->writable << 1 | member->lease;
    key = key << 3 | member->got[0];
    for (k = 0; k < 2; k++) {
      struct Manager *manager = &now.manager[k];
      key = key << 3 | (manager->fenced >> i & 1) << 2 |
            (manager->fenced && manager->best == i) << 1 | (manager->step && manager->target == i);
    }
    return key;
  }

  static void order_members(int i, int j) {
    if (member_key(i) < member_key(j)) exchange_members(i, j);
  }

  static void order_managers(int key_of_first, int key_of_second) {
    if (key_of_first < key_of_second) {
      struct Manager kept = now.manager[0];
      now.manager[0] = now.manager[1];
      now.manager[1] = kept;
    }
  }

  static int progress_key(int k) { return now.manager[k].term << 2 | now.manager[k].step; }

  static int manager_key(int k) {
    struct Manager *manager = &now.manager[k];
    return progress_key(k) << 7 | manager->fenced << 4 | manager->best << 2 | manager->target;
  }

  static void forget_names(void) {
    order_managers(progress_key(0), progress_key(1));
    order_members(0, 1);
    order_members(1, 2);
    order_members(0, 1);
    order_managers(manager_key(0), manager_key(1));
  }
}
#define FORGET_NAMES c_code { forget_names(); }
#else
#define FORGET_NAMES skip
#endif
