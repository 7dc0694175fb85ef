//! The virtual machine as the specification writes it (chapters 4.6 and 5), in plain code that runs anywhere:
//! the reference for the generated code, and what hashes where there is none.

use otedama_hash_api::Interrupt;

use crate::aes::Aes;
use crate::engine::Lane;
use crate::machine::{Registers, Rounding};
use crate::memory::Memory;
use crate::parameters::{
    DATASET_MASK, DISPLACED_REGISTER, ITERATIONS_AT_ONCE, L3_LINE_MASK, LINE_BYTES, PROGRAM_ITERATIONS,
    Variant,
};
use crate::program::{
    Configuration, GROUP_E_KEEP, Instruction, JumpTargets, Operation, Program, SCALE_BITS, reciprocal,
};
use crate::rounding;
use crate::superscalar::{multiply_high, multiply_high_signed};

/// An instruction with its operands looked up.
#[derive(Clone, Copy, Debug)]
struct Step {
    operation: Operation,
    dst: usize,
    src: usize,
    immediate: u64,
    /// Of the scratchpad address, or the tested bits of a branch.
    mask: u32,
    shift: u32,
    /// Where a branch goes.
    target: usize,
}

#[derive(Debug)]
pub struct Interpreter {
    variant: Variant,
    aes: Aes,
    steps: Vec<Step>,
}

/// Two doubles of a floating point register.
type Pair = [f64; 2];

/// What one program works on.
struct Run<'a> {
    variant: Variant,
    scratchpad: &'a mut [u8],
    rounding: Rounding,
    r: [u64; 8],
    f: [Pair; 4],
    e: [Pair; 4],
    a: [Pair; 4],
    group_e_masks: [u64; 2],
}

impl Interpreter {
    pub fn new(variant: Variant, aes: Aes) -> Self {
        Self { variant, aes, steps: Vec::new() }
    }

    /// Runs all iterations of the program; false if interrupted, and then the registers are worthless.
    pub fn run(&mut self, lane: Lane<'_>, memory: Memory<'_>, interrupt: &Interrupt<'_>) -> bool {
        let Lane { program, registers, rounding, scratchpad } = lane;
        let configuration = program.configuration();
        self.decode(program);
        let mut run = Run {
            variant: self.variant,
            scratchpad,
            rounding: *rounding,
            r: [0; 8],
            f: [[0.0; 2]; 4],
            e: [[0.0; 2]; 4],
            a: configuration.group_a.map(from_bits),
            group_e_masks: configuration.group_e_masks,
        };
        let is_whole = self.iterate(&mut run, &configuration, memory, interrupt);
        *rounding = run.rounding;
        *registers =
            Registers { r: run.r, f: run.f.map(to_bits), e: run.e.map(to_bits), a: configuration.group_a };
        is_whole
    }

    fn decode(&mut self, program: &Program) {
        let mut targets = JumpTargets::default();
        self.steps.clear();
        for (index, instruction) in program.instructions(self.variant.program_size()).enumerate() {
            self.steps.push(decode(instruction, &targets));
            targets.record(index, instruction);
        }
    }

    fn iterate(
        &self,
        run: &mut Run<'_>,
        configuration: &Configuration,
        memory: Memory<'_>,
        interrupt: &Interrupt<'_>,
    ) -> bool {
        let [read0, read1, read2, read3] = configuration.read_registers;
        let (mut ma, mut mx) = (configuration.ma, configuration.mx);
        let (mut address0, mut address1) = (mx, ma);
        let mut ahead = None;
        for iteration in 0..PROGRAM_ITERATIONS {
            if iteration % ITERATIONS_AT_ONCE == 0 && interrupt.is_raised() {
                return false;
            }
            let mixed = run.r[read0] ^ run.r[read1];
            address0 = (address0 ^ mixed as u32) & L3_LINE_MASK;
            address1 = (address1 ^ (mixed >> 32) as u32) & L3_LINE_MASK;
            run.load(address0, address1);
            run.execute(&self.steps);

            let read = ma;
            let prefetched = if self.variant == Variant::V1 { &mut mx } else { &mut ma };
            *prefetched ^= (run.r[read2] ^ run.r[read3]) as u32;
            // What the next iteration reads is known already, and two items are cheaper together.
            let line = ahead.take().unwrap_or_else(|| {
                let [line, next] = memory.pair([read, mx].map(|address| {
                    (configuration.dataset_offset + u64::from(address & DATASET_MASK)) / LINE_BYTES as u64
                }));
                ahead = Some(next);
                line
            });
            for (register, word) in run.r.iter_mut().zip(line) {
                *register ^= word;
            }
            core::mem::swap(&mut ma, &mut mx);

            run.store(address0, address1, &self.aes);
            (address0, address1) = (0, 0);
        }
        true
    }
}

impl Run<'_> {
    fn word(&self, address: u32) -> u64 {
        let bytes = self.scratchpad[address as usize..].first_chunk().copied();
        u64::from_le_bytes(bytes.unwrap_or_default())
    }

    fn set_word(&mut self, address: u32, word: u64) {
        if let Some(bytes) = self.scratchpad[address as usize..].first_chunk_mut() {
            *bytes = word.to_le_bytes();
        }
    }

    /// Two 32-bit integers as doubles.
    fn pair(&self, address: u32) -> Pair {
        let word = self.word(address);
        [f64::from(word as i32), f64::from((word >> 32) as i32)]
    }

    /// The same, put into the range of group E.
    fn pair_e(&self, address: u32) -> Pair {
        let bits = to_bits(self.pair(address));
        from_bits([
            bits[0] & GROUP_E_KEEP | self.group_e_masks[0],
            bits[1] & GROUP_E_KEEP | self.group_e_masks[1],
        ])
    }

    /// Steps 2 and 3 of an iteration.
    fn load(&mut self, address0: u32, address1: u32) {
        for i in 0..8 {
            self.r[i as usize] ^= self.word(address0 + 8 * i);
        }
        for i in 0..4 {
            self.f[i as usize] = self.pair(address1 + 8 * i);
            self.e[i as usize] = self.pair_e(address1 + 32 + 8 * i);
        }
    }

    /// Steps 9 to 11.
    fn store(&mut self, address0: u32, address1: u32, aes: &Aes) {
        for i in 0..8 {
            self.set_word(address1 + 8 * i, self.r[i as usize]);
        }
        let mut f = self.f.map(to_bits);
        let e = self.e.map(to_bits);
        match self.variant {
            Variant::V1 => {
                for (f, e) in f.iter_mut().flatten().zip(e.iter().flatten()) {
                    *f ^= e;
                }
            }
            Variant::V2 => aes.mix(&mut f, &e),
        }
        for (i, &word) in f.iter().flatten().enumerate() {
            self.set_word(address0 + 8 * i as u32, word);
        }
        self.f = f.map(from_bits);
    }

    fn execute(&mut self, steps: &[Step]) {
        let mut at = 0;
        while let Some(step) = steps.get(at) {
            at += 1;
            if step.operation <= Operation::ISwapR {
                self.integer(step);
            } else if step.operation <= Operation::FSqrtR {
                self.float(step);
            } else if self.control(step) {
                at = step.target;
            }
        }
    }

    fn integer(&mut self, step: &Step) {
        use Operation as O;
        let Step { operation, dst, src, immediate, .. } = *step;
        let old = self.r[dst];
        // Where both are the same register most operations take the immediate instead.
        let source = || if src == dst { immediate } else { self.r[src] };
        let memory = || {
            let base = if src == dst { 0 } else { self.r[src] };
            self.word(base.wrapping_add(immediate) as u32 & step.mask)
        };
        self.r[dst] = match operation {
            O::IAddRs => old.wrapping_add(self.r[src] << step.shift).wrapping_add(immediate),
            O::IAddM => old.wrapping_add(memory()),
            O::ISubR => old.wrapping_sub(source()),
            O::ISubM => old.wrapping_sub(memory()),
            O::IMulR => old.wrapping_mul(source()),
            O::IMulM => old.wrapping_mul(memory()),
            O::IMulHR => multiply_high(old, self.r[src]),
            O::IMulHM => multiply_high(old, memory()),
            O::ISMulHR => multiply_high_signed(old, self.r[src]),
            O::ISMulHM => multiply_high_signed(old, memory()),
            O::IMulRcp => old.wrapping_mul(immediate),
            O::INegR => old.wrapping_neg(),
            O::IXorR => old ^ source(),
            O::IXorM => old ^ memory(),
            O::IRorR => old.rotate_right(source() as u32 % 64),
            O::IRolR => old.rotate_left(source() as u32 % 64),
            O::ISwapR => core::mem::replace(&mut self.r[src], old),
            _ => old,
        };
    }

    fn float(&mut self, step: &Step) {
        use Operation as O;
        let Step { operation, dst, src, .. } = *step;
        let rounding = self.rounding;
        let each = |left: Pair, right: Pair, compute: fn(f64, f64, Rounding) -> f64| {
            [compute(left[0], right[0], rounding), compute(left[1], right[1], rounding)]
        };
        let address = self.r[src].wrapping_add(step.immediate) as u32 & step.mask;
        match operation {
            O::FSwapR if dst < 4 => self.f[dst].swap(0, 1),
            O::FSwapR => self.e[dst - 4].swap(0, 1),
            O::FAddR => self.f[dst] = each(self.f[dst], self.a[src], rounding::add),
            O::FAddM => self.f[dst] = each(self.f[dst], self.pair(address), rounding::add),
            O::FSubR => self.f[dst] = each(self.f[dst], self.a[src], rounding::subtract),
            O::FSubM => self.f[dst] = each(self.f[dst], self.pair(address), rounding::subtract),
            O::FScalR => self.f[dst] = from_bits(to_bits(self.f[dst]).map(|bits| bits ^ SCALE_BITS)),
            O::FMulR => self.e[dst] = each(self.e[dst], self.a[src], rounding::multiply),
            O::FDivM => self.e[dst] = each(self.e[dst], self.pair_e(address), rounding::divide),
            O::FSqrtR => self.e[dst] = self.e[dst].map(|value| rounding::square_root(value, rounding)),
            _ => {}
        }
    }

    /// Whether to jump.
    fn control(&mut self, step: &Step) -> bool {
        match step.operation {
            Operation::CBranch => {
                let sum = self.r[step.dst].wrapping_add(step.immediate);
                self.r[step.dst] = sum;
                return sum as u32 & step.mask == 0;
            }
            Operation::CFRound => {
                let value = self.r[step.src].rotate_right(step.shift);
                if self.variant == Variant::V1 || value & 0b11_1100 == 0 {
                    self.rounding = Rounding::from_bits(value);
                }
            }
            _ => {
                let address = self.r[step.dst].wrapping_add(step.immediate) as u32 & step.mask;
                self.set_word(address, self.r[step.src]);
            }
        }
        false
    }
}

fn from_bits(bits: [u64; 2]) -> Pair {
    bits.map(f64::from_bits)
}

fn to_bits(pair: Pair) -> [u64; 2] {
    pair.map(f64::to_bits)
}

fn decode(instruction: Instruction, targets: &JumpTargets) -> Step {
    use Operation as O;
    let operation = instruction.operation();
    let mut step = Step {
        operation,
        dst: instruction.dst(),
        src: instruction.src(),
        immediate: instruction.immediate(),
        mask: instruction.read_mask(),
        shift: instruction.shift(),
        target: 0,
    };
    match operation {
        O::IAddRs if step.dst != DISPLACED_REGISTER => step.immediate = 0,
        O::IMulRcp if instruction.has_reciprocal() => step.immediate = reciprocal(instruction.imm32),
        O::IMulRcp => step.immediate = 1,
        O::FAddR | O::FSubR | O::FMulR => {
            (step.dst, step.src) = (instruction.float_dst(), instruction.float_src());
        }
        O::FAddM | O::FSubM | O::FDivM | O::FScalR | O::FSqrtR => {
            (step.dst, step.mask) = (instruction.float_dst(), instruction.near_mask());
        }
        O::CBranch => {
            step.immediate = instruction.branch_addend();
            step.mask = instruction.branch_mask();
            step.target = targets.of(step.dst);
        }
        O::CFRound => step.shift = instruction.imm32 % 64,
        O::IStore => step.mask = instruction.store_mask(),
        _ => {}
    }
    step
}
