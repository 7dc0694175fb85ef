//! Each capability in each of its states, on made-up machines.

use otedama_memory::{MemoryError, NodeId, NodeReport, PageSize};

use crate::State::{Degraded, Ok as Good, Unavailable, Unknown};
use crate::probe::{Clock, CudaError};
use crate::test_probe::Machine;
use crate::{Finding, Processor, State};

/// State, cause, effect and the lines of the remedy.
fn assert_finding(finding: &Finding, state: State, cause: &str, effect: &str, remedy: &[&str]) {
    assert_eq!((finding.state, &finding.cause[..], &finding.effect[..]), (state, cause, effect));
    assert_eq!(finding.remedy, remedy);
}

#[test]
fn processor_names_its_backends_and_those_without_fast_instructions() {
    let machine = Machine::new();
    let cause = "Example 7: 2 cores, 2 threads; avx2 sha.";
    assert_finding(&machine.find("cpu"), Good, cause, "Backends: sha256d sha-ni.", &[]);

    let selected = vec![("sha256d".to_owned(), "avx2".to_owned()), ("scrypt".to_owned(), "sse2".to_owned())];
    let plain = Processor { arch: "x86_64".to_owned(), features: Vec::new(), selected };
    let cause = "Example 7: 2 cores, 2 threads; no vector units.";
    let effect = "Without faster instructions: scrypt sse2. All backends: sha256d avx2, scrypt sse2.";
    assert_finding(&machine.find_with("cpu", &plain), Degraded, cause, effect, &[]);
    machine.cpuinfo("AuthenticAMD", 25, 97, "hypervisor");
    let remedy = "QEMU: -cpu host. Other hypervisors: pass the host's processor through.";
    assert_finding(&machine.find_with("cpu", &plain), Degraded, cause, effect, &[remedy]);
}

#[test]
fn governor_is_good_when_it_follows_the_load() {
    let machine = Machine::new();
    let cause = "The kernel does not set frequencies here; the firmware does.";
    assert_finding(&machine.find("cpu-governor"), Unknown, cause, "Nothing to set from inside.", &[]);

    let set = |governor: &str, driver: &str| {
        for cpu in 0..2 {
            machine.write(&format!("sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_governor"), governor);
            machine.write(&format!("sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_driver"), driver);
        }
        machine.find("cpu-governor")
    };
    let effect = "The clock goes up under load, as mining is.";
    let cause = "Governor schedutil with driver acpi-cpufreq.";
    assert_finding(&set("schedutil", "acpi-cpufreq"), Good, cause, effect, &[]);
    let cause = "Governor powersave with driver intel_pstate.";
    assert_finding(&set("powersave", "intel_pstate"), Good, cause, effect, &[]);
    assert_finding(
        &set("powersave", "acpi-cpufreq"),
        Degraded,
        "2 of 2 threads hold a fixed low frequency with driver acpi-cpufreq.",
        "Hash rates follow the clock.",
        &["for f in /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor", "do echo performance > $f; done"],
    );
}

#[test]
fn memory_is_measured_against_the_datasets() {
    let machine = Machine::new();
    let needs = "RandomX fast mode needs 2.3 GiB, Etchash and KawPow 4 to 6 GiB.";
    let cause = "8.0 GiB of 16.0 GiB can be taken.";
    assert_finding(&machine.find("memory"), Good, cause, &format!("Room for each dataset: {needs}"), &[]);

    machine.write("proc/self/cgroup", "0::/");
    machine.write("sys/fs/cgroup/memory.current", "0");
    let limited = |bytes: &str| {
        machine.write("sys/fs/cgroup/memory.max", bytes);
        machine.find("memory")
    };
    let raise = "Raise the container's limit (docker run --memory 8g; Kubernetes: limits.memory).";
    let cause = "3.0 GiB of 16.0 GiB, by the container's limit, can be taken.";
    let effect = format!("RandomX fits, Etchash and KawPow may not: {needs}");
    assert_finding(&limited("3221225472"), Degraded, cause, &effect, &[raise]);
    let cause = "1.0 GiB of 16.0 GiB, by the container's limit, can be taken.";
    let effect = format!("RandomX runs in light mode, several times slower: {needs}");
    assert_finding(&limited("1073741824"), Degraded, cause, &effect, &[raise]);
    let cause = "0.1 GiB of 16.0 GiB, by the container's limit, can be taken.";
    assert_finding(&limited("107374182"), Unavailable, cause, "Only SHA256d and Scrypt fit.", &[raise]);

    machine.pool(2048, 1280, 1280);
    let cause = "0.1 GiB of 16.0 GiB, by the container's limit, can be taken, and 2.5 GiB on reserved pages.";
    assert_eq!(machine.find("memory").cause, cause);
    assert_eq!(machine.find("memory").state, Degraded, "RandomX fits there");

    machine.remove("proc/meminfo");
    assert_eq!(machine.find("memory").state, Unknown);
}

#[test]
fn generated_code_names_the_refusal() {
    let mut machine = Machine::new();
    assert_eq!(machine.find("generated-code").state, Good);
    let refused =
        MemoryError::CodeRefused { cause: "memory file: denied".to_owned(), remedy: "as root: allow it" };
    machine.code = Err(refused);
    assert_finding(
        &machine.find("generated-code"),
        Unavailable,
        "The system refuses it: memory file: denied.",
        "RandomX and KawPow programs are interpreted, many times slower.",
        &["allow it"],
    );
    machine.code = Err(MemoryError::OutOfMemory { bytes: 4096 });
    assert_eq!(machine.find("generated-code").state, Unknown);
}

#[test]
fn transparent_pages_count_only_when_a_mapping_had_them() {
    let mut machine = Machine::new();
    let find = |machine: &Machine| machine.find("transparent-huge-pages");
    let small = "Without reserved pages, datasets are read through 4 KB pages, markedly slower.";
    assert_finding(
        &find(&machine),
        Good,
        "The setting is madvise; of 8 MB tried, all were on 2 MB pages.",
        "Datasets get 2 MB pages where no reserved ones are free.",
        &[],
    );
    machine.transparent = Some(4 << 20);
    let cause = "The setting is madvise; of 8 MB tried, 4 were on 2 MB pages.";
    assert_finding(&find(&machine), Degraded, cause, small, &["echo 1 > /proc/sys/vm/compact_memory"]);
    machine.transparent = None;
    assert_eq!(find(&machine).state, Unknown);
    machine.write("sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]");
    let remedy = "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled";
    assert_finding(&find(&machine), Unavailable, "The setting is never.", small, &[remedy]);
    machine.remove("sys/kernel/mm/transparent_hugepage/enabled");
    assert_finding(&find(&machine), Unavailable, "This kernel was built without them.", small, &[]);
}

#[test]
fn pages_of_2_mb_are_counted_for_randomx() {
    let mut machine = Machine::new();
    let find = |machine: &Machine| machine.find("huge-pages-2m");
    let wanted = "RandomX in fast mode takes 1170: dataset 1040, cache 128, scratchpads 2.";
    let without = "Datasets depend on transparent huge pages.";
    let cause = format!("This kernel has no reserved pages of 2 MB. {wanted}");
    assert_finding(&find(&machine), Unavailable, &cause, without, &[]);

    let remedy = [
        "sysctl -w vm.nr_hugepages=1170",
        "echo vm.nr_hugepages=1170 > /etc/sysctl.d/60-otedama.conf   # after each boot",
    ];
    machine.pool(2048, 0, 0);
    assert_finding(&find(&machine), Unavailable, &format!("0 of 0 are free. {wanted}"), without, &remedy);
    machine.pool(2048, 200, 200);
    let partly = "What finds no page free depends on transparent huge pages.";
    assert_finding(&find(&machine), Degraded, &format!("200 of 200 are free. {wanted}"), partly, &remedy);

    machine.pool(2048, 1300, 1000);
    let finding = find(&machine);
    let holders = "Mappings hold the others: an otedama that runs, or another program.";
    assert_eq!(
        (finding.state, finding.cause),
        (Degraded, format!("1000 of 1300 are free. {wanted} {holders}"))
    );
    assert_eq!(finding.remedy[0], "sysctl -w vm.nr_hugepages=1470");

    machine.pool(2048, 1300, 1170);
    let refused = find(&machine);
    assert_eq!(refused.state, Degraded, "free, and a mapping did not have them");
    assert!(refused.cause.ends_with("This process was refused one."));
    machine.pages = PageSize::Huge2M;
    let effect = "Datasets are read through 2 MB pages, which nothing can take away.";
    assert_finding(&find(&machine), Good, &format!("1170 of 1300 are free. {wanted}"), effect, &[]);
}

#[test]
fn every_node_has_a_dataset_of_its_own() {
    let mut machine = Machine::new();
    machine.write("sys/devices/system/node/online", "0-1");
    machine.node(0, "0", 8);
    machine.node(1, "1", 4);
    machine.pool(2048, 0, 0);
    let cause = "0 of 0 are free. RandomX in fast mode takes 2210: dataset 1040 on each of 2 nodes, cache 128, \
                 scratchpads 2.";
    assert_eq!(machine.find("huge-pages-2m").cause, cause);

    let nodes = "2 nodes: node 0 8.0 GiB and 1 thread, node 1 4.0 GiB and 1 thread.";
    machine.node = NodeReport::Bound(NodeId(0));
    assert_finding(&machine.find("numa"), Good, nodes, "Each node reads its own copy of a dataset.", &[]);
    machine.node = NodeReport::Refused { node: NodeId(0), errno: libc::EPERM };
    let cause = format!("{nodes} Binding memory is refused: operation not permitted.");
    let effect = "Threads may read datasets from another node's memory, at half the speed or less.";
    assert_finding(&machine.find("numa"), Degraded, &cause, effect, &["docker run --cap-add SYS_NICE ..."]);
}

#[test]
fn one_node_needs_no_placement() {
    let cause = "One node: all memory is equally near.";
    assert_finding(&Machine::new().find("numa"), Good, cause, "Nothing to place.", &[]);
}

#[test]
fn pages_of_1_gb_need_processor_kernel_and_reservation() {
    let mut machine = Machine::new();
    let find = |machine: &Machine| machine.find("huge-pages-1g");
    let cost = "RandomX loses 1 to 3 % against 1 GB pages.";
    assert_finding(&find(&machine), Unavailable, "This kernel has no pages of 1 GB.", cost, &[]);
    machine.cpuinfo("GenuineIntel", 6, 60, "fpu");
    assert_finding(&find(&machine), Unavailable, "This processor has no pages of 1 GB.", cost, &[]);
    machine.pool(1 << 20, 1, 1);
    assert_finding(
        &find(&machine),
        Degraded,
        "1 of 1 are free; a RandomX dataset takes 3.",
        cost,
        &[
            "echo 3 > /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages",
            "Where memory is too fragmented, boot with hugepagesz=1G hugepages=3",
        ],
    );
    machine.pool(1 << 20, 3, 3);
    machine.pages = PageSize::Huge1G;
    let effect = "Datasets of 1 GB and more are read through 1 GB pages.";
    assert_finding(&find(&machine), Good, "3 of 3 are free; a RandomX dataset takes 3.", effect, &[]);
}

#[test]
fn priority_tells_what_may_be_asked_for() {
    let machine = Machine::new();
    let find = || machine.find("priority");
    let log_in_again = ["echo '* - nice -20' > /etc/security/limits.d/60-otedama.conf   # then log in again"];
    let default = "Mining gives way to other programs, which is the default; --nice below 0 has no effect.";
    let cause = "This process runs at nice 0 and may go down to 0.";
    assert_finding(&find(), Good, cause, default, &log_in_again);

    let all = "Mining can be put behind everything else or before it.";
    machine.limits(20_000, 25);
    assert_finding(&find(), Good, "This process runs at nice 0 and may go down to -5.", all, &[]);
    machine.limits(20_000, 0);
    machine.capabilities(1 << 23);
    assert_finding(&find(), Good, "This process runs at nice 0 and may go down to -20.", all, &[]);

    machine.capabilities(0);
    machine.write("proc/self/stat", &format!("1 (node) S{} 10 1", " 0".repeat(15)));
    let cause = "This process runs at nice 10 and may go down to 10.";
    let waits = "All of Otedama waits while other programs run, the pool's answers included.";
    assert_finding(&find(), Degraded, cause, waits, &log_in_again);
    machine.remove("proc/self/stat");
    assert_eq!(find().state, Unknown);
}

#[test]
fn open_files_are_measured_against_connections() {
    let machine = Machine::new();
    let find = || machine.find("open-files");
    let effect = "A pool holds the 10000 connections of its default.";
    assert_finding(&find(), Good, "This process may open 20000 files.", effect, &[]);
    machine.limits(4096, 0);
    assert_finding(
        &find(),
        Degraded,
        "This process may open 4096 files.",
        "A pool holds about 3596 connections, of 10000 by default.",
        &[
            "ulimit -Hn 65536; ulimit -n 65536",
            "With systemd: LimitNOFILE=65536. With Docker: --ulimit nofile=65536",
        ],
    );
    machine.write("proc/self/limits", "Max open files            unlimited            unlimited  files");
    assert_finding(&find(), Good, "This process may open files without limit.", effect, &[]);
    machine.remove("proc/self/limits");
    assert_eq!(find().state, Unknown);
}

#[test]
fn clock_is_good_while_something_keeps_it() {
    let mut machine = Machine::new();
    let effect = "Times of blocks, shares and payouts are right.";
    assert_finding(&machine.find("clock"), Good, "Synchronised, at most 12.5 ms off.", effect, &[]);
    let cost = "Times of blocks, shares and payouts come from it; blocks two hours ahead are rejected.";
    let remedy = ["apt-get install chrony   # or: timedatectl set-ntp true"];
    for (clock, cause) in [
        (
            Clock { is_synchronised: false, max_error_us: 16_000_000 },
            "No time service keeps it synchronised.",
        ),
        (Clock { is_synchronised: true, max_error_us: 2_500_000 }, "Synchronised, but up to 2.5 s off."),
    ] {
        machine.clock = Some(clock);
        assert_finding(&machine.find("clock"), Degraded, cause, cost, &remedy);
    }
    machine.clock = None;
    assert_eq!(machine.find("clock").state, Unknown);
}

mod cards;
mod registers;

fn library_error() -> CudaError {
    CudaError::Library("libcuda.so.1: no such file".to_owned())
}
