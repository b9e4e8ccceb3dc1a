// (d) Convergence: once faults stop, every run ends, and ends with one log everywhere.
//
// With -DCONVERGE faults may stop at any moment (`quiet`): from then on no crash, no new client
// group, no lease that ends, no manager that gives up. If the highest term has no source, one
// manager starts a last promotion. This is checked as liveness in two halves. Terminal states:
// where no step is left, all logs are equal, durable and visible, under one writable source. And no
// cycles: -DNO_CYCLE adds a never-claim that finds any run that goes round for ever after `quiet`.
// As every step left is one that the real cluster takes by itself in the end, together they say
// that every fair run converges.
//
// Without -DCONVERGE faults never stop, and these steps do not exist.
#ifdef CONVERGE
#define MAX_TERM BIGGER(member[0].term, BIGGER(member[1].term, member[2].term))
#define SETTLED(i) (member[i].log == member[0].log && member[i].term == member[0].term && \
                    member[i].durable == LENGTH(member[i].log) && \
                    member[i].visible == LENGTH(member[i].log))

proctype a_healer() {
end:
  do
  :: d_step {
       !quiet ->
       quiet = 1;
       forget_promotion(0);
       forget_promotion(1);
       printf("@ faults stop\n");
       step_ends()
     }
  :: d_step {
       quiet && IDLE(0) && SOURCE_OF(MAX_TERM) == NONE ->
       manager[0].term = TERMS + 1;
       printf("@ manager 1 sees no source and starts a promotion\n");
       step_ends()
     }
  :: timeout ->
       reached(PROBE_CONVERGE_SETTLED, true);
       MUST(ALL_CONVERGE, SETTLED(0) && SETTLED(1) && SETTLED(2),
            "@! the logs stay different for ever\n");
       MUST(ALL_CONVERGE, member[0].writable + member[1].writable + member[2].writable == 1,
            "@! no source opens for clients, though nothing fails any more\n");
       break
  od
}

#ifdef NO_CYCLE
never {
  do
  :: true
  :: quiet -> goto accept
  od;
accept:
  do
  :: quiet
  od
}
#endif
#else
proctype a_healer() { skip }
#endif
