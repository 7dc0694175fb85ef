//! Instructions as numbers. Compiling a program costs about as much as all else around running it, and most of
//! that would be mispredicted jumps: nothing about a random instruction can be foreseen. So every kind of
//! instruction is translated a few times beforehand. How its bytes depend on the operands is linear, and what
//! is left for each instruction of a program is arithmetic.

use super::assembler::Assembler;
use super::features::Features;
use super::instructions::{MAX_INSTRUCTION_BYTES, Translator};
use crate::parameters::{DISPLACED_REGISTER, L1_MASK, L2_MASK, LINE_BYTES, MAX_PROGRAM_SIZE, Variant};
use crate::program::{Instruction, Operation as O};

const OPERATIONS: usize = O::IStore as usize + 1;

/// Code of one instruction, 8 bytes each.
type Words = [u64; 4];

#[derive(Clone, Copy, Debug, Default)]
struct Template {
    /// The code for operands that are all zero,
    base: Words,
    /// and what each step of a register number adds.
    dst: Words,
    src: Words,
    /// What the first word grows by with the shift
    shift: u64,
    /// and with the bits of the immediate that count,
    immediate: u64,
    immediate_mask: u32,
    /// and the second word with the mask of a scratchpad level: one reads, the other stores.
    near: u64,
    store: u64,
    /// Bits of the register numbers that count.
    dst_mask: u8,
    src_mask: u8,
    length: u8,
    /// Which registers change, as far as CBRANCH is concerned.
    changes_dst: bool,
    changes_src: bool,
    class: Class,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Class {
    #[default]
    Template,
    Branch,
    /// Also left to the translator: what needs constants outside the code.
    Other,
}

/// The templates of all operations: for each one for different registers and one for equal ones, and at the end
/// those of IADD_RS into the displaced register.
#[derive(Debug)]
pub struct Templates {
    templates: Vec<Template>,
}

const DISPLACED: usize = 2 * OPERATIONS;

fn index_of(instruction: Instruction) -> usize {
    let operation = instruction.operation();
    let is_displaced = operation == O::IAddRs && instruction.dst() == DISPLACED_REGISTER;
    let first = if is_displaced { DISPLACED } else { 2 * operation as usize };
    first + usize::from(instruction.dst() == instruction.src())
}

impl Templates {
    pub fn new(features: Features, variant: Variant) -> Self {
        let mut templates = vec![Template::default(); DISPLACED + 2];
        let mut last = None;
        for opcode in 0..=u8::MAX {
            let probe = Probe { opcode, features, variant };
            if last.replace(probe.operation()) == Some(probe.operation()) {
                continue;
            }
            // Any two registers will do that have the same index.
            for (dst, src) in [(0, 1), (0, 0), (DISPLACED_REGISTER as u8, 0), (5, 5)] {
                let index = index_of(probe.instruction(dst, src, 0, 0));
                templates[index] = probe.template(dst == src, index >= DISPLACED);
            }
        }
        Self { templates }
    }

    /// Brings them into the cache: running a program has driven them out.
    pub fn prefetch(&self) {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let range = self.templates.as_ptr_range();
        let bytes = range.end.addr() - range.start.addr();
        for at in (0..bytes).step_by(LINE_BYTES) {
            // SAFETY: a hint, valid for any address.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(range.start.cast::<i8>().wrapping_add(at)) }
        }
    }

    pub fn translate(
        &self,
        translator: &mut Translator<'_, '_>,
        instructions: impl Iterator<Item = Instruction>,
    ) {
        for instruction in instructions {
            let template = &self.templates[index_of(instruction)];
            match template.class {
                Class::Template => {
                    translator.asm.bytes(template.fill(instruction), usize::from(template.length));
                    template.record_changes(instruction, translator);
                }
                Class::Branch => translator.branch(instruction),
                Class::Other => translator.instruction(instruction),
            }
        }
    }
}

impl Template {
    #[inline(always)]
    fn fill(&self, instruction: Instruction) -> Words {
        let dst = u64::from(instruction.dst & self.dst_mask);
        let src = u64::from(instruction.src & self.src_mask);
        let mut words: Words = core::array::from_fn(|i| self.base[i] + dst * self.dst[i] + src * self.src[i]);
        words[0] += u64::from(instruction.shift()) * self.shift;
        words[0] += u64::from(instruction.imm32 & self.immediate_mask) * self.immediate;
        words[1] += u64::from(instruction.near_mask()) * self.near;
        words[1] += u64::from(instruction.store_mask()) * self.store;
        words
    }

    #[inline(always)]
    fn record_changes(&self, instruction: Instruction, translator: &mut Translator<'_, '_>) {
        let end = translator.asm.position();
        let changes = [(self.changes_dst, instruction.dst()), (self.changes_src, instruction.src())];
        for (changes, register) in changes {
            // Selected rather than jumped around.
            let place = &mut translator.behind_last_change[register];
            *place = if changes { end } else { *place };
        }
    }
}

/// Finds the template of an operation by translating it with different operands.
#[derive(Clone, Copy)]
struct Probe {
    opcode: u8,
    features: Features,
    variant: Variant,
}

/// What an instruction is translated to.
struct Sample {
    words: Words,
    length: usize,
    changed: [bool; 8],
}

const NEAR: u8 = 1;
const FAR: u8 = 0;
const SHIFTED: u8 = NEAR | 1 << 2;

impl Probe {
    fn operation(self) -> O {
        self.instruction(0, 0, 0, 0).operation()
    }

    const fn instruction(self, dst: u8, src: u8, modifiers: u8, imm32: u32) -> Instruction {
        Instruction { opcode: self.opcode, dst, src, modifiers, imm32 }
    }

    fn sample(self, dst: u8, src: u8, modifiers: u8, imm32: u32) -> Sample {
        let mut code = [0; 2 * MAX_INSTRUCTION_BYTES];
        let mut reciprocals = [0; MAX_PROGRAM_SIZE];
        let mut asm = Assembler::new(&mut code, 0);
        let mut translator = Translator::new(&mut asm, self.features, self.variant, &mut reciprocals);
        translator.instruction(self.instruction(dst, src, modifiers, imm32));
        let changed = translator.behind_last_change.map(|position| position != 0);
        let length = asm.position();
        // The assembler writes a little more than it counts.
        code[length..].fill(0);
        let mut words = code.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
        Sample { words: core::array::from_fn(|_| words.next().unwrap_or(0)), length, changed }
    }

    fn template(self, is_equal: bool, is_displaced: bool) -> Template {
        let operation = self.operation();
        let class = match operation {
            O::CBranch => Class::Branch,
            O::CFRound | O::IMulRcp => Class::Other,
            // The address would be too far back in the code.
            O::IMulHM | O::ISMulHM if is_equal => Class::Other,
            _ => Class::Template,
        };
        if class != Class::Template {
            return Template { class, ..Template::default() };
        }
        // Where equal registers mean nothing special, different ones tell more.
        let is_equal = is_equal && operation.is_integer();
        let fixed = is_displaced.then_some(DISPLACED_REGISTER as u8);
        let registers = |dst: u8, src: u8| {
            let dst = fixed.unwrap_or(dst);
            (dst, if is_equal { dst } else { src })
        };
        let sample = |(dst, src): (u8, u8), modifiers, imm32| self.sample(dst, src, modifiers, imm32);
        let words = |registers, modifiers, imm32| sample(registers, modifiers, imm32).words;

        let reference = sample(registers(2, 0), NEAR, 0);
        let dst = minus(words(registers(3, 0), NEAR, 0), reference.words);
        let src = minus(words(registers(2, 1), NEAR, 0), reference.words);
        let immediate = (words(registers(2, 0), NEAR, 8)[0] - reference.words[0]) / 8;
        let immediates = words(registers(2, 0), NEAR, u32::MAX)[0] - reference.words[0];
        let masks = words(registers(2, 0), FAR, 0)[1] - reference.words[1];
        let mask = masks / u64::from(L2_MASK - L1_MASK);
        let mut base = minus(minus(reference.words, dst), dst);
        base[1] -= mask * u64::from(L1_MASK);
        let counts_in_full = |low, high| if words(low, NEAR, 0) == words(high, NEAR, 0) { 3 } else { 7 };
        let (dst_number, src_number) = registers(2, 0);
        Template {
            base,
            dst,
            src,
            shift: words(registers(2, 0), SHIFTED, 0)[0] - reference.words[0],
            immediate,
            immediate_mask: immediates.checked_div(immediate).unwrap_or(0) as u32,
            near: if operation == O::IStore { 0 } else { mask },
            store: if operation == O::IStore { mask } else { 0 },
            dst_mask: counts_in_full(registers(1, 0), registers(5, 0)),
            src_mask: counts_in_full(registers(2, 1), registers(2, 5)),
            length: reference.length as u8,
            changes_dst: reference.changed[usize::from(dst_number)],
            changes_src: reference.changed[usize::from(src_number)],
            class,
        }
    }
}

fn minus(a: Words, b: Words) -> Words {
    core::array::from_fn(|i| a[i].wrapping_sub(b[i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(translate: impl FnOnce(&mut Translator<'_, '_>)) -> (Vec<u8>, [usize; 8]) {
        let mut code = [0; 1024];
        let mut reciprocals = [0; MAX_PROGRAM_SIZE];
        let mut asm = Assembler::new(&mut code, 5);
        let features = Features::detect().expect("a processor with AES");
        let mut translator = Translator::new(&mut asm, features, Variant::V2, &mut reciprocals);
        translate(&mut translator);
        let changed = translator.behind_last_change;
        let end = asm.position();
        (code[..end].to_vec(), changed)
    }

    #[test]
    fn templates_write_what_the_translator_writes() {
        let features = Features::detect().expect("a processor with AES");
        let templates = Templates::new(features, Variant::V2);
        let immediates = [0, 1, 8, 0x7f, 0x80, 0x1234_5678, 0x8000_0000, 0xffff_ffff];
        for opcode in 0..=u8::MAX {
            for registers in 0..=u8::MAX {
                for (modifiers, imm32) in (0..=u8::MAX).step_by(5).zip(immediates.into_iter().cycle()) {
                    let (dst, src) = (registers >> 4 | 0xa0, registers & 15);
                    let instruction = Instruction { opcode, dst, src, modifiers, imm32 };
                    let expected = code(|translator| translator.instruction(instruction));
                    let got = code(|translator| templates.translate(translator, [instruction].into_iter()));
                    assert_eq!(got, expected, "{instruction:?}");
                }
            }
        }
    }
}
