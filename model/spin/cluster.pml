// The cluster: one source, two replicas, two managers, from the first commit to the last failover.
//
// This model asks one question: can any order of steps, crashes, power losses and promotions lose a
// commit that a client was told of, or take back one that a reader saw? SPIN tries every order
// there is within the bounds below. It knows nothing of chance: a partition is a step that is not
// taken, a slow disk is a sync that comes late, a dead machine is one that takes no step for a long
// time.
//
// How to read it: each file is one idea. Members and managers are processes, which only loop
// over guarded steps; every step is one atomic action of the real thing (one write, one fdatasync,
// one message received). All state is in member.pml and manager.pml; processes have none of their
// own. What must hold is in history.pml. Every step prints a line that begins with '@'; those lines
// are the trace which `check` shows of a counterexample.
//
// Bounds, each set by -D:
//   TXNS     groups that clients commit         TERMS    highest term a manager may raise
//   CRASHES  kills and power losses together    W        acknowledgements a commit waits for
//   MANAGERS managers at work at once, 1 or 2
#ifndef TXNS
#define TXNS 2
#endif
#ifndef TERMS
#define TERMS 3
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef W
#define W 1
#endif
#ifndef MANAGERS
#define MANAGERS 2
#endif
#define MEMBERS 3
#define REPLICAS 2

// Faults stop at some moment under -DCONVERGE, and never without: convergence.pml.
#ifdef CONVERGE
bit quiet;
#else
#define quiet false
#endif

#include "variants.pml"
#include "probes.pml"
#include "log.pml"
#include "member.pml"
#include "lease.pml"
#include "symmetry.pml"
#include "trace.pml"
#include "history.pml"
#include "source.pml"
#include "replica.pml"
#include "manager.pml"
#include "faults.pml"
#include "convergence.pml"

// A member plays whatever role its state gives it: the guards of the steps say which.
proctype a_member(byte me) {
end:
  do
  :: source_flush(me)
  :: source_sync(me)
  :: source_commit(me)
  :: source_answer(me)
  :: source_open(me)
  :: lease_ends(me)
  :: lease_renews(me)
  :: replica_join(me, 0)
  :: replica_join(me, 1)
  :: replica_join(me, 2)
  :: replica_rewind(me)
  :: replica_receive(me)
  :: replica_sync(me)
  :: replica_acknowledge(me)
  :: replica_apply(me)
  :: member_killed(me)
  :: member_loses_power(me, 0)
  :: member_loses_power(me, 1)
  :: member_loses_disk(me)
  od
}

proctype a_manager(byte who) {
end:
  do
  :: manager_fence(who, 0)
  :: manager_fence(who, 1)
  :: manager_fence(who, 2)
  :: manager_promote(who)
#ifndef PLAIN
  :: manager_prefer(who, 0)
  :: manager_prefer(who, 1)
  :: manager_prefer(who, 2)
#endif
  :: manager_copy(who)
  :: manager_promote_copy(who)
  :: manager_gives_up(who)
  od
}

// Member 0 begins as the source of term 1, with its lease; all logs are empty.
init {
  d_step {
    name[0] = 'A'; name[1] = 'B'; name[2] = 'C';
    member[0].term = 1; member[1].term = 1; member[2].term = 1;
    member[0].source = 1; member[0].writable = 1;
#ifndef PLAIN
    member[0].lease = 1;
#endif
    opened = 2;
    forget_acknowledgements(0)
  }
  atomic {
    run a_healer();
    run a_manager(0);
#if MANAGERS == 2
    run a_manager(1);
#endif
    run a_member(0); run a_member(1); run a_member(2)
  }
}
