use otedama_memory::{HugePool, PageSize, Pages, Topology};

use crate::finding::{Finding, Subject};
use crate::memory::{RANDOMX_CACHE, RANDOMX_DATASET};
use crate::probe::{Probe, TRANSPARENT_TRIAL};

const PAGE_2M: u64 = 2 << 20;
const PAGE_1G: u64 = 1 << 30;

pub fn transparent(probe: &Probe<'_>) -> Finding {
    const SUBJECT: Subject = Subject { id: "transparent-huge-pages", title: "Transparent huge pages" };
    const SMALL: &str = "Without reserved pages, datasets are read through 4 KB pages, markedly slower.";
    let Some(setting) = probe.text("sys/kernel/mm/transparent_hugepage/enabled") else {
        return SUBJECT.unavailable("This kernel was built without them.", SMALL);
    };
    let setting = setting.split(['[', ']']).nth(1).unwrap_or(&setting).to_owned();
    if setting == "never" {
        return SUBJECT
            .unavailable("The setting is never.", SMALL)
            .remedy(["echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"]);
    }
    let trial = format!("The setting is {setting}; of {} MB tried", TRANSPARENT_TRIAL >> 20);
    match probe.system().transparent_bytes() {
        Some(TRANSPARENT_TRIAL..) => SUBJECT.ok(
            format!("{trial}, all were on 2 MB pages."),
            "Datasets get 2 MB pages where no reserved ones are free.",
        ),
        Some(had) => SUBJECT
            .degraded(format!("{trial}, {} were on 2 MB pages.", had >> 20), SMALL)
            .remedy(["echo 1 > /proc/sys/vm/compact_memory"]),
        None => SUBJECT.unknown(
            format!("{trial}, the kernel does not say how many were on 2 MB pages."),
            "Datasets get 2 MB pages where the kernel finds some.",
        ),
    }
}

/// What RandomX takes in fast mode: a dataset on each node, one cache, a scratchpad of 2 MB for each thread.
pub fn reserved_2m(probe: &Probe<'_>, topology: &Topology) -> Finding {
    const SUBJECT: Subject = Subject { id: "huge-pages-2m", title: "Reserved 2 MB pages" };
    let (nodes, threads) = (topology.nodes.len() as u64, topology.cpus.len() as u64);
    let (dataset, cache) = (RANDOMX_DATASET / PAGE_2M, RANDOMX_CACHE / PAGE_2M);
    let needed = dataset * nodes + cache + threads;
    let on_nodes = if nodes == 1 { String::new() } else { format!(" on each of {nodes} nodes") };
    let wanted = format!(
        "RandomX in fast mode takes {needed}: dataset {dataset}{on_nodes}, cache {cache}, scratchpads {threads}"
    );
    let Some(pool) = HugePool::read(probe.root(), PAGE_2M, None) else {
        return SUBJECT.unavailable(
            format!("This kernel has no reserved pages of 2 MB. {wanted}."),
            "Datasets depend on transparent huge pages.",
        );
    };
    let cause = format!("{} of {} are free. {wanted}.", pool.free, pool.total);
    if pool.free >= needed && had(probe, PAGE_2M, PageSize::Huge2M) {
        return SUBJECT.ok(cause, "Datasets are read through 2 MB pages, which nothing can take away.");
    }
    let finding = match pool {
        HugePool { total: 0, .. } => SUBJECT.unavailable(cause, "Datasets depend on transparent huge pages."),
        HugePool { total, .. } if total >= needed && pool.free < needed => SUBJECT.degraded(
            format!("{cause} Mappings hold the others: an otedama that runs, or another program."),
            "What finds no page free depends on transparent huge pages.",
        ),
        _ if pool.free >= needed => SUBJECT.degraded(
            format!("{cause} This process was refused one."),
            "Datasets depend on transparent huge pages; containers have a limit of their own.",
        ),
        _ => SUBJECT.degraded(cause, "What finds no page free depends on transparent huge pages."),
    };
    let total = pool.total + needed.saturating_sub(pool.free);
    Finding {
        remedy: vec![
            format!("sysctl -w vm.nr_hugepages={total}"),
            format!("echo vm.nr_hugepages={total} > /etc/sysctl.d/60-otedama.conf   # after each boot"),
        ],
        ..finding
    }
}

pub fn reserved_1g(probe: &Probe<'_>, topology: &Topology) -> Finding {
    const SUBJECT: Subject = Subject { id: "huge-pages-1g", title: "Reserved 1 GB pages" };
    const COST: &str = "RandomX loses 1 to 3 % against 1 GB pages.";
    let nodes = topology.nodes.len() as u64;
    let needed = RANDOMX_DATASET.div_ceil(PAGE_1G) * nodes;
    let Some(pool) = HugePool::read(probe.root(), PAGE_1G, None) else {
        let lacking = probe.cpuinfo("flags").is_some_and(|flags| !flags.contains("pdpe1gb"));
        let who = if lacking { "processor" } else { "kernel" };
        return SUBJECT.unavailable(format!("This {who} has no pages of 1 GB."), COST);
    };
    let cause = format!("{} of {} are free; a RandomX dataset takes {needed}.", pool.free, pool.total);
    if pool.free >= needed && had(probe, PAGE_1G, PageSize::Huge1G) {
        return SUBJECT.ok(cause, "Datasets of 1 GB and more are read through 1 GB pages.");
    }
    let total = pool.total + needed.saturating_sub(pool.free).max(u64::from(pool.free >= needed));
    let finding =
        if pool.total == 0 { SUBJECT.unavailable(cause, COST) } else { SUBJECT.degraded(cause, COST) };
    Finding {
        remedy: vec![
            format!("echo {total} > /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages"),
            format!("Where memory is too fragmented, boot with hugepagesz=1G hugepages={total}"),
        ],
        ..finding
    }
}

/// Whether a mapping of one page really has it.
fn had(probe: &Probe<'_>, bytes: u64, size: PageSize) -> bool {
    let report = probe.system().allocate(bytes as usize, Pages::Largest, None);
    report.is_ok_and(|report| report.had == size)
}
