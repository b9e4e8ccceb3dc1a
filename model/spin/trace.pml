// The end of every step: the state as the trace shows it, and the scratch variables cleared.
//
// A line '@=' a member: its name, role (S writable source, s source, r replica), term, log packed
// as in log.pml, durable and visible positions.
#define ROLE(i) (member[i].writable -> 'S' : (member[i].source -> 's' : 'r'))

inline step_ends() {
  printf("@= %c %c %d %d %d %d\n", name[0], ROLE(0), member[0].term, member[0].log,
         member[0].durable, member[0].visible);
  printf("@= %c %c %d %d %d %d\n", name[1], ROLE(1), member[1].term, member[1].log,
         member[1].durable, member[1].visible);
  printf("@= %c %c %d %d %d %d\n", name[2], ROLE(2), member[2].term, member[2].log,
         member[2].durable, member[2].visible);
  judge_quorums();
  FORGET_NAMES;
#ifdef SHORTEST
  common = 0; s = 0; n = 0; shown = 0; one_log = 0; other_log = 0
#endif
}
