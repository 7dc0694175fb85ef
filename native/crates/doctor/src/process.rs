//! What the system allows this process.

use crate::finding::{Finding, Subject};
use crate::probe::Probe;

/// CAP_SYS_NICE
const SYS_NICE: u32 = 23;

/// A limit's soft and hard value; unlimited is the largest number.
fn limit(probe: &Probe<'_>, name: &str) -> Option<(u64, u64)> {
    let text = probe.text("proc/self/limits")?;
    let mut fields = text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace();
    let mut value = || match fields.next()? {
        "unlimited" => Some(u64::MAX),
        number => number.parse().ok(),
    };
    Some((value()?, value()?))
}

pub fn priority(probe: &Probe<'_>) -> Finding {
    const SUBJECT: Subject = Subject { id: "priority", title: "Thread priority" };
    let stat = probe.text("proc/self/stat").unwrap_or_default();
    // Fields are counted from behind the name, which may hold anything.
    let behind_name = stat.rsplit(')').next().unwrap_or_default();
    let niceness = behind_name.split_whitespace().nth(16).and_then(|field| field.parse::<i64>().ok());
    let (Some(niceness), Some((soft, _))) = (niceness, limit(probe, "Max nice priority")) else {
        return SUBJECT.unknown("The system does not say.", "Asking for a priority may have no effect.");
    };
    let is_privileged = probe.has_capability(SYS_NICE);
    let lowest = if is_privileged { -20 } else { niceness.min(20 - soft.min(40) as i64) };
    let cause = format!("This process runs at nice {niceness} and may go down to {lowest}.");
    if lowest < 0 {
        return SUBJECT.ok(cause, "Mining can be put behind everything else or before it.");
    }
    let remedy = ["echo '* - nice -20' > /etc/security/limits.d/60-otedama.conf   # then log in again"];
    if niceness > 0 {
        let effect = "All of Otedama waits while other programs run, the pool's answers included.";
        return SUBJECT.degraded(cause, effect).remedy(remedy);
    }
    let effect = "Mining gives way to other programs, which is the default; --nice below 0 has no effect.";
    SUBJECT.ok(cause, effect).remedy(remedy)
}

pub fn open_files(probe: &Probe<'_>) -> Finding {
    const SUBJECT: Subject = Subject { id: "open-files", title: "Open files" };
    /// The default of `pool.max_connections`.
    const CONNECTIONS: u64 = 10_000;
    /// Daemons, database, log files, libraries.
    const OTHERS: u64 = 500;
    let Some((_, hard)) = limit(probe, "Max open files") else {
        return SUBJECT.unknown("The system does not say.", "A pool may run out of connections.");
    };
    let cause = match hard {
        u64::MAX => "This process may open files without limit.".to_owned(),
        _ => format!("This process may open {hard} files."),
    };
    if hard >= CONNECTIONS + OTHERS {
        return SUBJECT.ok(cause, format!("A pool holds the {CONNECTIONS} connections of its default."));
    }
    let effect = format!(
        "A pool holds about {} connections, of {CONNECTIONS} by default.",
        hard.saturating_sub(OTHERS)
    );
    SUBJECT.degraded(cause, effect).remedy([
        "ulimit -Hn 65536; ulimit -n 65536",
        "With systemd: LimitNOFILE=65536. With Docker: --ulimit nofile=65536",
    ])
}
