//! The memory that running programs work with beside scratchpad and dataset. Generated code finds it through
//! rbx, which points into its middle so that what is used most is in reach of a short displacement.

use super::assembler::{Gpr, Memory, RBX, at};
use crate::machine::Registers;
use crate::memory::Line;
use crate::parameters::MAX_PROGRAM_SIZE;
use crate::program::{GROUP_E_KEEP, SCALE_BITS};

/// Distance of rbx from the start.
pub const BIAS: usize = 128;

/// Items that light code computes together at most.
pub const MAX_AHEAD: usize = 3;

#[derive(Debug)]
#[repr(C, align(64))]
pub struct Context {
    /// Addresses of the scratchpad lines that this iteration reads at its start and writes at its end: what
    /// the integer registers are mixed with and groups F and E are written to,
    pub line0: u64,
    /// and what the floating point registers are loaded from and the integer registers are written to.
    pub line1: u64,
    /// Iterations left.
    pub iterations: u32,
    /// The rounding mode's number times four.
    pub rounding: u32,
    /// Where in `items` the item read last is, in bytes.
    pub item_at: u32,
    /// MXCSR of each rounding mode.
    modes: [u32; 4],
    /// `ma`, and `mx` in the high half.
    pub memory: u64,
    /// Scratchpad addresses that the next iteration begins with.
    pub next0: u32,
    pub next1: u32,
    /// Of the program's IMUL_RCP instructions.
    pub reciprocals: [u64; MAX_PROGRAM_SIZE],

    pub registers: Registers,
    pub group_e_masks: [u64; 2],
    group_e_keep: [u64; 2],
    scale: [u64; 2],
    pub scratchpad: *mut u8,
    /// Begins at the program's offset.
    pub dataset: *const u8,

    /// For pairs of programs: the other one's context, with the bias,
    pub partner: *mut u8,
    /// and the dataset line that was touched last.
    pub touched: *const u8,

    /// For light code: the routine for single items,
    pub item_routine: *const u8,
    pub cache: *const Line,
    /// where the program's 2 GiB begin in the dataset, in bytes,
    pub dataset_offset: u64,
    pub items: [Line; MAX_AHEAD],
    pub item_offsets: [u64; MAX_AHEAD],
}

impl Context {
    pub fn new() -> Self {
        Self {
            line0: 0,
            line1: 0,
            iterations: 0,
            rounding: 0,
            item_at: 0,
            modes: core::array::from_fn(mxcsr_of),
            memory: 0,
            next0: 0,
            next1: 0,
            reciprocals: [0; MAX_PROGRAM_SIZE],
            registers: Registers::default(),
            group_e_masks: [0; 2],
            group_e_keep: [GROUP_E_KEEP; 2],
            scale: [SCALE_BITS; 2],
            scratchpad: core::ptr::null_mut(),
            dataset: core::ptr::null(),
            partner: core::ptr::null_mut(),
            touched: core::ptr::null(),
            item_routine: core::ptr::null(),
            cache: core::ptr::null(),
            dataset_offset: 0,
            items: [[0; 8]; MAX_AHEAD],
            item_offsets: [0; MAX_AHEAD],
        }
    }
}

/// All exceptions masked, subnormal numbers taken and given as zero, rounding in bits 13 and 14.
const fn mxcsr_of(mode: usize) -> u32 {
    0x9fc0 | (mode as u32) << 13
}

/// Where generated code finds a field.
pub const fn at_offset(offset: usize) -> Memory {
    offset_in(RBX, offset)
}

macro_rules! field {
    ($($path:tt)+) => {
        $crate::jit::context::at_offset(core::mem::offset_of!($crate::jit::context::Context, $($path)+))
    };
}
pub(super) use field;

/// The same in another program's context, whose address is in a register.
pub const fn offset_in(register: Gpr, offset: usize) -> Memory {
    at(register, offset as i32 - BIAS as i32)
}

impl Context {
    pub const GROUP_E_KEEP: Memory = at_offset(core::mem::offset_of!(Self, group_e_keep));
    pub const SCALE: Memory = at_offset(core::mem::offset_of!(Self, scale));
    /// Indexed by [`Self::rounding`].
    pub const MODES: i32 = core::mem::offset_of!(Self, modes) as i32 - BIAS as i32;
}
