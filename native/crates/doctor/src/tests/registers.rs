use super::{Degraded, Good, Unavailable, Unknown, assert_finding};
use crate::Processor;
use crate::test_probe::Machine;

const COST: &str = "RandomX may run up to 15 % below what this processor can.";
const RAW_IO: u64 = 1 << 17;

fn with_registers(values: [u64; 4]) -> Machine {
    let mut machine = Machine::new();
    machine.registers =
        [0xc001_1020, 0xc001_1021, 0xc001_1022, 0xc001_102b].into_iter().zip(values).collect();
    machine.capabilities(RAW_IO);
    machine
}

#[test]
fn good_when_they_hold_what_randomx_wants_whatever_bit_5_is() {
    for second in [0x0004_0000_0000_0040, 0x0004_0000_0000_0060] {
        let machine = with_registers([0x0004_4000_0000_0000, second, 0x8680_0004_0157_0000, 0x2040_cc10]);
        assert_finding(
            &machine.find("msr"),
            Good,
            "They hold the values that RandomX wants.",
            "RandomX has what it can gain by them.",
            &[],
        );
    }
}

#[test]
fn gives_the_commands_for_those_that_differ() {
    let machine = with_registers([0, 0x20, 0x8680_0004_0157_0000, 0]);
    assert_finding(
        &machine.find("msr"),
        Degraded,
        "3 of 4 differ from what RandomX wants; they can be written.",
        COST,
        &[
            "apt-get install msr-tools   # the values last until the next boot",
            "wrmsr -a 0xc0011020 0x4400000000000",
            "wrmsr -a 0xc0011021 $(( $(rdmsr -c 0xc0011021) & 0x20 | 0x4000000000040 ))",
            "wrmsr -a 0xc001102b 0x2040cc10",
        ],
    );
}

#[test]
fn settings_follow_the_generation() {
    let mut machine = with_registers([0, 0x40, 0x151_0000, 0x2000_cc16]);
    machine.cpuinfo("AuthenticAMD", 0x17, 0x71, "");
    assert_eq!(machine.find("msr").state, Good);
    machine.cpuinfo("AuthenticAMD", 0x19, 0x21, "");
    assert_eq!(machine.find("msr").remedy[4], "wrmsr -a 0xc001102b 0x2000cc10");
    machine.cpuinfo("GenuineIntel", 6, 151, "");
    machine.registers = [(0x1a4, 0)].into();
    assert_eq!(machine.find("msr").remedy[1], "wrmsr -a 0x1a4 0xf");
    machine.cpuinfo("AuthenticAMD", 0x1c, 1, "");
    assert_finding(
        &machine.find("msr"),
        Unknown,
        "No settings are known for AuthenticAMD family 28 model 1.",
        "What the processor does by default stays.",
        &[],
    );
}

#[test]
fn tells_why_they_cannot_be_written() {
    let cause = |why: &str| format!("4 of 4 differ from what RandomX wants, and {why}.");
    let mut machine = with_registers([1; 4]);
    machine.capabilities(0);
    let why = cause("writing them needs CAP_SYS_RAWIO");
    assert_finding(&machine.find("msr"), Unavailable, &why, COST, &["sudo ./otedama doctor"]);
    machine.capabilities(RAW_IO);
    machine.open = Err(libc::EACCES);
    let why = cause("/dev/cpu/0/msr cannot be written: permission denied");
    assert_finding(&machine.find("msr"), Unavailable, &why, COST, &["sudo ./otedama doctor"]);
    machine.write("sys/module/msr/parameters/allow_writes", "off");
    let why = cause("the module msr forbids writing them");
    let remedy = "echo on > /sys/module/msr/parameters/allow_writes";
    assert_finding(&machine.find("msr"), Unavailable, &why, COST, &[remedy]);
    machine.write("sys/kernel/security/lockdown", "none [integrity] confidentiality");
    let why = cause("kernel lockdown, which Secure Boot turns on, forbids writing them");
    let remedy = "Turn Secure Boot off in the firmware, or boot with lockdown=none";
    assert_finding(&machine.find("msr"), Unavailable, &why, COST, &[remedy]);
}

#[test]
fn tells_why_they_cannot_be_read() {
    let mut machine = Machine::new();
    let cause = "/dev/cpu/0/msr is not there: the module msr is not loaded.";
    let remedy = ["modprobe msr", "echo msr > /etc/modules-load.d/msr.conf   # after each boot"];
    assert_finding(&machine.find("msr"), Unavailable, cause, COST, &remedy);

    machine.register_errno = libc::EPERM;
    let cause = "/dev/cpu/0/msr cannot be read without being root.";
    assert_finding(&machine.find("msr"), Unavailable, cause, COST, &["sudo ./otedama doctor"]);
    machine.register_errno = libc::EIO;
    let cause = "/dev/cpu/0/msr cannot be read: input/output error.";
    assert_finding(&machine.find("msr"), Unknown, cause, COST, &[]);

    machine.cpuinfo("AuthenticAMD", 25, 97, "hypervisor");
    let host = ["Run ./otedama doctor on the host and set them there."];
    let cause = "This is a virtual machine and they belong to its host.";
    assert_finding(&machine.find("msr"), Unavailable, cause, COST, &host);
    machine.register_errno = libc::ENOENT;
    let cause = "This is a virtual machine: they belong to its host, and the module msr is not loaded.";
    assert_finding(&machine.find("msr"), Unavailable, cause, COST, &host);
    machine.write("sys/module/msr/parameters/allow_writes", "on");
    let cause = "/dev/cpu/0/msr is not there, as in a container; the module msr is loaded.";
    let remedy = ["docker run --cap-add SYS_RAWIO --device /dev/cpu ..."];
    assert_finding(&machine.find("msr"), Unavailable, cause, COST, &remedy);
}

#[test]
fn other_architectures_have_none() {
    let arm = Processor { arch: "aarch64".to_owned(), ..Processor::default() };
    let finding = Machine::new().find_with("msr", &arm);
    assert_finding(&finding, Good, "Only x86 processors have them.", "Nothing to set.", &[]);
}
