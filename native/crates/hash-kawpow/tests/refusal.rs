//! A system that does not let generated code be run; in a process of its own, whose limit on open files stands
//! for such a system.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(unsafe_code)]

use otedama_hash_kawpow::{BACKENDS, Programs};

fn allow_open_files(count: u64) -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls get a valid structure.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit), 0);
        let before = limit.rlim_cur;
        limit.rlim_cur = count.min(limit.rlim_max);
        assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit), 0);
        before
    }
}

#[test]
fn programs_are_interpreted_while_code_is_refused_and_the_reason_is_told() {
    for backend in BACKENDS.iter().filter(|backend| (backend.is_available)()) {
        let allowed = allow_open_files(0);
        let refused = Programs::new(backend);
        allow_open_files(allowed);
        let compiles = backend.name.starts_with("jit-");
        assert_eq!(refused.refusal().map(|error| error.code()), compiles.then_some("CODE_REFUSED"));
        assert_eq!(refused.backend(), if compiles { "interpreter" } else { backend.name });

        refused.prepare(1);
        assert_eq!(refused.refusal(), None);
        assert_eq!(refused.backend(), backend.name);
    }
}
