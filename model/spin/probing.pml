// How a probe is counted: a line from the search itself, the first time it passes there.
#ifdef COUNT_PROBES
c_decl {
  static char probe_reached[16];
  static void reach_probe(int probe) {
    if (!probe_reached[probe]) {
      probe_reached[probe] = 1;
      printf("probe %d reached\n", probe);
    }
  }
}
#define reached(probe, condition) \
  if \
  :: (condition) -> c_code { reach_probe(probe); } \
  :: else -> skip \
  fi
#else
#define reached(probe, condition) skip
#endif
