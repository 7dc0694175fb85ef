//! Model-specific registers: the prefetcher settings that RandomX gains from.

use crate::finding::{Finding, Subject};
use crate::probe::{Errno, Probe, words};
use crate::processor::Processor;

const SUBJECT: Subject = Subject { id: "msr", title: "Prefetcher registers" };
const COST: &str = "RandomX may run up to 15 % below what this processor can.";
/// CAP_SYS_RAWIO
const RAW_IO: u32 = 17;
const DEVICE: &str = "dev/cpu/0/msr";

/// A register and the bits of it that RandomX wants.
struct Setting {
    register: u32,
    value: u64,
    mask: u64,
}

const fn whole(register: u32, value: u64) -> Setting {
    Setting { register, value, mask: u64::MAX }
}

/// Bit 5 of C0011021 belongs to an erratum and stays as the firmware left it.
const fn amd(values: [u64; 4]) -> [Setting; 4] {
    let [a, b, c, d] = values;
    let second = Setting { register: 0xc001_1021, value: b, mask: !0x20 };
    [whole(0xc001_1020, a), second, whole(0xc001_1022, c), whole(0xc001_102b, d)]
}

static ZEN_1_2: [Setting; 4] = amd([0, 0x40, 0x151_0000, 0x2000_cc16]);
static ZEN_3: [Setting; 4] =
    amd([0x0004_4800_0000_0000, 0x001c_0002_0000_0040, 0xc000_0004_0157_0000, 0x2000_cc10]);
static ZEN_4_5: [Setting; 4] =
    amd([0x0004_4000_0000_0000, 0x0004_0000_0000_0040, 0x8680_0004_0157_0000, 0x2040_cc10]);
static INTEL: [Setting; 1] = [whole(0x1a4, 0xf)];

/// Settings by the numbers that CPUID gives; None for processors nobody has measured.
fn settings(vendor: &str, family: u32, model: u32) -> Option<&'static [Setting]> {
    match (vendor, family, model) {
        ("AuthenticAMD", 0x17, _) => Some(&ZEN_1_2),
        ("AuthenticAMD", 0x19, 0x00..=0x0f | 0x20..=0x5f) => Some(&ZEN_3),
        ("AuthenticAMD", 0x19, 0x10..=0x1f | 0x60..=0xaf) => Some(&ZEN_4_5),
        ("AuthenticAMD", 0x1a, 0x00..=0x2f | 0x40..=0x4f | 0x60..=0x7f) => Some(&ZEN_4_5),
        ("GenuineIntel", 6, _) => Some(&INTEL),
        _ => None,
    }
}

pub fn registers(probe: &Probe<'_>, processor: &Processor) -> Finding {
    if processor.arch != "x86_64" {
        return SUBJECT.ok("Only x86 processors have them.", "Nothing to set.");
    }
    let number = |name| probe.cpuinfo(name).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    let (family, model) = (number("cpu family"), number("model"));
    let vendor = probe.cpuinfo("vendor_id").unwrap_or_default();
    let Some(settings) = settings(&vendor, family, model) else {
        let cause = format!("No settings are known for {vendor} family {family} model {model}.");
        return SUBJECT.unknown(cause, "What the processor does by default stays.");
    };
    let mut differing = Vec::new();
    for setting in settings {
        match probe.system().register(setting.register) {
            Ok(value) if (value ^ setting.value) & setting.mask == 0 => {}
            Ok(_) => differing.push(setting),
            Err(errno) => return unreadable(probe, errno),
        }
    }
    if differing.is_empty() {
        return SUBJECT
            .ok("They hold the values that RandomX wants.", "RandomX has what it can gain by them.");
    }
    let cause = format!("{} of {} differ from what RandomX wants", differing.len(), settings.len());
    match write_refusal(probe) {
        Some((why, remedy)) => SUBJECT.unavailable(format!("{cause}, and {why}."), COST).remedy([remedy]),
        None => Finding {
            remedy: commands(&differing),
            ..SUBJECT.degraded(format!("{cause}; they can be written."), COST)
        },
    }
}

/// `wrmsr` of the package msr-tools, for all processors.
fn commands(settings: &[&Setting]) -> Vec<String> {
    let first = "apt-get install msr-tools   # the values last until the next boot".to_owned();
    let write = |setting: &&Setting| match setting.mask {
        u64::MAX => format!("wrmsr -a {:#x} {:#x}", setting.register, setting.value),
        mask => format!(
            "wrmsr -a {0:#x} $(( $(rdmsr -c {0:#x}) & {1:#x} | {2:#x} ))",
            setting.register, !mask, setting.value
        ),
    };
    [first].into_iter().chain(settings.iter().map(write)).collect()
}

fn unreadable(probe: &Probe<'_>, errno: Errno) -> Finding {
    match errno {
        libc::ENOENT | libc::ENXIO | libc::ENODEV => absent(probe),
        libc::EACCES | libc::EPERM => SUBJECT
            .unavailable(format!("/{DEVICE} cannot be read without being root."), COST)
            .remedy(["sudo ./otedama doctor"]),
        libc::EIO if probe.is_virtual() => on_host("This is a virtual machine and they belong to its host."),
        _ => SUBJECT.unknown(format!("/{DEVICE} cannot be read: {}.", words(errno)), COST),
    }
}

fn absent(probe: &Probe<'_>) -> Finding {
    if probe.exists("sys/module/msr") {
        return SUBJECT
            .unavailable(
                format!("/{DEVICE} is not there, as in a container; the module msr is loaded."),
                COST,
            )
            .remedy(["docker run --cap-add SYS_RAWIO --device /dev/cpu ..."]);
    }
    if probe.is_virtual() {
        return on_host(
            "This is a virtual machine: they belong to its host, and the module msr is not loaded.",
        );
    }
    SUBJECT
        .unavailable(format!("/{DEVICE} is not there: the module msr is not loaded."), COST)
        .remedy(["modprobe msr", "echo msr > /etc/modules-load.d/msr.conf   # after each boot"])
}

fn on_host(cause: &str) -> Finding {
    SUBJECT.unavailable(cause, COST).remedy(["Run ./otedama doctor on the host and set them there."])
}

/// Why registers that can be read cannot be written, and what to do.
fn write_refusal(probe: &Probe<'_>) -> Option<(String, &'static str)> {
    let lockdown = probe.text("sys/kernel/security/lockdown").unwrap_or_default();
    if lockdown.contains("[integrity]") || lockdown.contains("[confidentiality]") {
        let why = "kernel lockdown, which Secure Boot turns on, forbids writing them";
        return Some((why.to_owned(), "Turn Secure Boot off in the firmware, or boot with lockdown=none"));
    }
    if probe.text("sys/module/msr/parameters/allow_writes").as_deref() == Some("off") {
        let why = "the module msr forbids writing them";
        return Some((why.to_owned(), "echo on > /sys/module/msr/parameters/allow_writes"));
    }
    let opened = probe.system().open(&probe.root().join(DEVICE), true);
    match opened {
        Ok(()) if probe.has_capability(RAW_IO) => None,
        Ok(()) => Some(("writing them needs CAP_SYS_RAWIO".to_owned(), "sudo ./otedama doctor")),
        Err(errno) => {
            Some((format!("/{DEVICE} cannot be written: {}", words(errno)), "sudo ./otedama doctor"))
        }
    }
}
