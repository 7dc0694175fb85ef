use crate::finding::{Finding, Subject};
use crate::probe::{Clock, Probe};

pub fn synchronised(probe: &Probe<'_>) -> Finding {
    const SUBJECT: Subject = Subject { id: "clock", title: "Clock" };
    /// Far below the two hours that networks allow and above what any time service reaches.
    const TOLERABLE_US: u64 = 1_000_000;
    let cost = "Times of blocks, shares and payouts come from it; blocks two hours ahead are rejected.";
    match probe.system().clock() {
        None => SUBJECT.unknown("The kernel does not say whether it is synchronised.", cost),
        Some(Clock { is_synchronised: true, max_error_us }) if max_error_us <= TOLERABLE_US => SUBJECT.ok(
            format!("Synchronised, at most {:.1} ms off.", max_error_us as f64 / 1e3),
            "Times of blocks, shares and payouts are right.",
        ),
        Some(Clock { is_synchronised, max_error_us }) => {
            let cause = if is_synchronised {
                format!("Synchronised, but up to {:.1} s off.", max_error_us as f64 / 1e6)
            } else {
                "No time service keeps it synchronised.".to_owned()
            };
            SUBJECT.degraded(cause, cost).remedy(["apt-get install chrony   # or: timedatectl set-ntp true"])
        }
    }
}
