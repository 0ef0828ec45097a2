//! The calls that a locked reader may make: a list with the reason of each group.
//!
//! Not on it, and therefore refused: everything that opens a path, looks at one or lists one; sockets, connecting, sending
//! descriptors; starting processes or threads; executable memory; the memory of other processes;
//! rings, keys, namespaces, BPF.

use std::collections::BTreeMap;

use seccompiler::{SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompRule};

/// Numbers of calls with the conditions of each; without a condition it is allowed as it is.
pub(super) type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Allowed whatever the arguments.
const FREE: &[i64] = &[
    // The document, by position; the socket to the sweep; standard error, which is memory.
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_pread64,
    libc::SYS_lseek,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_ftruncate,
    // The socket: its descriptors come with messages. `recvfrom` is `recv`.
    libc::SYS_recvmsg,
    libc::SYS_recvfrom,
    // Memory; that it never becomes executable is a condition below.
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_brk,
    libc::SYS_madvise,
    // Locks inside libraries, and signals: the handler of SIGXFSZ, and an orderly end.
    libc::SYS_futex,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // Time, chance, and who am I.
    libc::SYS_clock_gettime,
    libc::SYS_gettimeofday,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getrandom,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getppid,
];

/// All that is allowed.
pub(super) fn allowed() -> Rules {
    let mut rules: Rules = FREE.iter().map(|number| (*number, Vec::new())).collect();
    let never_executable = || when(2, SeccompCmpOp::MaskedEq(libc::PROT_EXEC.cast_unsigned().into()), 0);
    rules.insert(libc::SYS_mmap, vec![never_executable()]);
    rules.insert(libc::SYS_mprotect, vec![never_executable()]);
    // How a process ends itself on abort.
    rules.insert(libc::SYS_tgkill, vec![when(0, SeccompCmpOp::Eq, std::process::id().into())]);
    // `send`: no address. There is one socket, and it is connected.
    rules.insert(libc::SYS_sendto, vec![when_long(4, 0)]);
    rules
}

fn when(argument: u8, is: SeccompCmpOp, value: u64) -> SeccompRule {
    rule(argument, SeccompCmpArgLen::Dword, is, value)
}

/// The same of an argument of 64 bits, which must be equal.
fn when_long(argument: u8, value: u64) -> SeccompRule {
    rule(argument, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, value)
}

fn rule(argument: u8, width: SeccompCmpArgLen, is: SeccompCmpOp, value: u64) -> SeccompRule {
    let condition = SeccompCondition::new(argument, width, is, value).expect("a call has six arguments");
    SeccompRule::new(vec![condition]).expect("a rule has a condition")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_opens_connects_or_starts_is_on_the_list() {
        let allowed = allowed();
        for number in [
            libc::SYS_openat,
            libc::SYS_openat2,
            libc::SYS_statx,
            libc::SYS_getdents64,
            libc::SYS_socket,
            libc::SYS_connect,
            libc::SYS_bind,
            libc::SYS_sendmsg,
            libc::SYS_execve,
            libc::SYS_execveat,
            libc::SYS_clone,
            libc::SYS_clone3,
            libc::SYS_kill,
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_pidfd_open,
            libc::SYS_io_uring_setup,
            libc::SYS_memfd_create,
        ] {
            assert!(!allowed.contains_key(&number), "call {number}");
        }
    }
}
