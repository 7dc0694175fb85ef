//! The instructions of a program (specification chapter 5) as x86-64 code.
//!
//! r0 to r7 are in r8 to r15; f0 to f3, e0 to e3 and a0 to a3 in xmm0 to xmm11. rsi is the scratchpad, rbx the
//! context; rax, rcx, rdx and xmm12 are free. The bits that group E keeps and sets are in xmm13 and xmm14, what
//! FSCAL_R toggles in xmm15.

use super::assembler::IntOp::{Add, Lea, Mov, Sub, Xchg, Xor};
use super::assembler::Width::W128;
use super::assembler::ops::*;
use super::assembler::{
    Assembler, Condition, Form, Gpr, ImmOp, IntOp, Memory, RAX, RBX, RCX, RDX, RSI, Rm, ShiftOp, UnaryOp,
    Vector, at, indexed, indexed_at,
};
use super::context::{Context, at_offset, field};
use super::features::Features;
use crate::parameters::{DISPLACED_REGISTER, MAX_PROGRAM_SIZE, Variant};
use crate::program::{Instruction, Operation as O, reciprocal};

/// Code bytes that one instruction takes at most, padding included.
pub const MAX_INSTRUCTION_BYTES: usize = 64;

pub const TEMPORARY: Vector = Vector(12);
pub const GROUP_E_KEEP: Vector = Vector(13);
pub const GROUP_E_SET: Vector = Vector(14);
pub const SCALE: Vector = Vector(15);

pub const fn r(number: usize) -> Gpr {
    Gpr(8 + number as u8)
}

pub const fn f(number: usize) -> Vector {
    Vector(number as u8)
}

pub const fn e(number: usize) -> Vector {
    Vector(4 + number as u8)
}

pub const fn a(number: usize) -> Vector {
    Vector(8 + number as u8)
}

/// Turns instructions into code one by one.
pub struct Translator<'a, 'c> {
    pub asm: &'a mut Assembler<'c>,
    features: Features,
    variant: Variant,
    reciprocals: &'a mut [u64; MAX_PROGRAM_SIZE],
    reciprocals_used: usize,
    /// Behind the code that changed each integer register last: where CBRANCH jumps.
    pub behind_last_change: [usize; 8],
}

impl<'a, 'c> Translator<'a, 'c> {
    pub fn new(
        asm: &'a mut Assembler<'c>,
        features: Features,
        variant: Variant,
        reciprocals: &'a mut [u64; MAX_PROGRAM_SIZE],
    ) -> Self {
        let behind_last_change = [asm.position(); 8];
        Self { asm, features, variant, reciprocals, reciprocals_used: 0, behind_last_change }
    }

    pub fn instruction(&mut self, instruction: Instruction) {
        let (dst, src) = (r(instruction.dst()), r(instruction.src()));
        match instruction.operation() {
            O::IAddRs => {
                let is_displaced = instruction.dst() == DISPLACED_REGISTER;
                let displacement = if is_displaced { instruction.imm32 as i32 } else { 0 };
                self.asm.lea_scaled(dst, dst, src, instruction.shift(), displacement);
                self.changed(dst);
            }
            O::IAddM => self.memory_operand(Add, instruction),
            O::ISubR => self.register_operand(Sub, ImmOp::Sub, instruction),
            O::ISubM => self.memory_operand(Sub, instruction),
            O::IMulR => {
                if dst == src {
                    self.asm.multiply_immediate(dst, instruction.imm32);
                } else {
                    self.asm.multiply(dst, src);
                }
                self.changed(dst);
            }
            O::IMulM => {
                let memory = self.integer_memory(RAX, instruction);
                self.asm.multiply(dst, memory);
                self.changed(dst);
            }
            O::IMulHR | O::ISMulHR | O::IMulHM | O::ISMulHM => self.multiply_high(instruction),
            O::IMulRcp => self.multiply_by_reciprocal(instruction),
            O::INegR => {
                self.asm.unary(UnaryOp::Neg, dst);
                self.changed(dst);
            }
            O::IXorR => self.register_operand(Xor, ImmOp::Xor, instruction),
            O::IXorM => self.memory_operand(Xor, instruction),
            O::IRorR => self.rotate(ShiftOp::Ror, instruction),
            O::IRolR => self.rotate(ShiftOp::Rol, instruction),
            O::ISwapR => {
                if dst != src {
                    self.asm.op(Xchg, dst, src);
                    self.changed(dst);
                    self.changed(src);
                }
            }
            O::FSwapR => {
                // Groups F and E are numbered through, and so are their registers.
                let register = Vector(instruction.dst() as u8);
                self.asm.sse(SHUFPD, register, register);
                self.asm.byte(1);
            }
            O::FAddR => self.float_register(ADDPD, f(instruction.float_dst()), instruction),
            O::FAddM => self.float_memory(ADDPD, instruction),
            O::FSubR => self.float_register(SUBPD, f(instruction.float_dst()), instruction),
            O::FSubM => self.float_memory(SUBPD, instruction),
            O::FScalR => self.asm.sse(XORPS, f(instruction.float_dst()), SCALE),
            O::FMulR => self.float_register(MULPD, e(instruction.float_dst()), instruction),
            O::FDivM => self.divide(instruction),
            O::FSqrtR => {
                let register = e(instruction.float_dst());
                self.asm.sse(SQRTPD, register, register);
            }
            O::CBranch => self.branch(instruction),
            O::CFRound => self.round(instruction),
            O::IStore => {
                self.address(RAX, dst, instruction.imm32, instruction.store_mask());
                self.asm.store(indexed(RSI, RAX), src);
            }
        }
    }

    fn changed(&mut self, register: Gpr) {
        self.behind_last_change[register.0 as usize % 8] = self.asm.position();
    }

    /// A register, or the immediate in place of an equal source.
    fn register_operand(&mut self, op: IntOp, immediate_op: ImmOp, instruction: Instruction) {
        let (dst, src) = (r(instruction.dst()), r(instruction.src()));
        if dst == src {
            self.asm.immediate(immediate_op, dst, instruction.imm32);
        } else {
            self.asm.op(op, dst, src);
        }
        self.changed(dst);
    }

    fn memory_operand(&mut self, op: IntOp, instruction: Instruction) {
        let memory = self.integer_memory(RAX, instruction);
        let dst = r(instruction.dst());
        self.asm.op(op, dst, memory);
        self.changed(dst);
    }

    /// The operand of an integer instruction; without a source the address is known already.
    fn integer_memory(&mut self, temporary: Gpr, instruction: Instruction) -> Memory {
        if instruction.src() == instruction.dst() {
            let offset = (instruction.imm32 & instruction.read_mask()) as i32;
            return Memory { form: Form::AnyDisplacement, ..at(RSI, offset) };
        }
        self.address(temporary, r(instruction.src()), instruction.imm32, instruction.read_mask());
        indexed(RSI, temporary)
    }

    /// Puts the masked sum into the temporary.
    fn address(&mut self, temporary: Gpr, register: Gpr, imm32: u32, mask: u32) {
        self.asm.op32(Lea, temporary, Memory { form: Form::AnyBase, ..at(register, imm32 as i32) });
        if temporary == RAX {
            self.asm.and_eax(mask);
        } else {
            self.asm.immediate32(ImmOp::And, temporary, mask);
        }
    }

    fn multiply_high(&mut self, instruction: Instruction) {
        let operation = instruction.operation();
        let dst = r(instruction.dst());
        let is_memory = matches!(operation, O::IMulHM | O::ISMulHM);
        let is_signed = matches!(operation, O::ISMulHR | O::ISMulHM);
        // The product takes rax and rdx.
        let memory = is_memory.then(|| self.integer_memory(RCX, instruction));
        let src: Rm = memory.map_or(r(instruction.src()).into(), Into::into);
        if !is_signed && self.features.bmi2 {
            self.asm.op(Mov, RDX, dst);
            self.asm.mulx(dst, RAX, src);
        } else {
            self.asm.op(Mov, RAX, dst);
            self.asm.unary(if is_signed { UnaryOp::IMul } else { UnaryOp::Mul }, src);
            self.asm.op(Mov, dst, RDX);
        }
        self.changed(dst);
    }

    fn multiply_by_reciprocal(&mut self, instruction: Instruction) {
        if !instruction.has_reciprocal() {
            return;
        }
        let number = self.reciprocals_used;
        self.reciprocals_used += 1;
        self.reciprocals[number] = reciprocal(instruction.imm32);
        let offset = core::mem::offset_of!(Context, reciprocals) + number * size_of::<u64>();
        let dst = r(instruction.dst());
        self.asm.multiply(dst, at_offset(offset));
        self.changed(dst);
    }

    fn rotate(&mut self, op: ShiftOp, instruction: Instruction) {
        let (dst, src) = (r(instruction.dst()), r(instruction.src()));
        if dst == src {
            self.asm.shift(op, dst, instruction.imm32 as u8 % 64);
        } else {
            self.asm.op32(Mov, RCX, src);
            self.asm.shift_by_cl(op, dst);
        }
        self.changed(dst);
    }

    fn float_register(&mut self, op: VectorOp, dst: Vector, instruction: Instruction) {
        self.asm.sse(op, dst, a(instruction.float_src()));
    }

    /// Loads a pair of integers as doubles into the temporary.
    fn load_pair(&mut self, instruction: Instruction) {
        self.address(RAX, r(instruction.src()), instruction.imm32, instruction.near_mask());
        self.asm.sse(CVTDQ2PD, TEMPORARY, indexed(RSI, RAX));
    }

    fn float_memory(&mut self, op: VectorOp, instruction: Instruction) {
        self.load_pair(instruction);
        self.asm.sse(op, f(instruction.float_dst()), TEMPORARY);
    }

    fn divide(&mut self, instruction: Instruction) {
        self.load_pair(instruction);
        limit_to_group_e(self.asm, self.features, TEMPORARY);
        self.asm.sse(DIVPD, e(instruction.float_dst()), TEMPORARY);
    }

    pub fn branch(&mut self, instruction: Instruction) {
        const TEST_AND_JUMP_BYTES: usize = 7 + 6;
        let register = r(instruction.dst());
        let target = self.behind_last_change[instruction.dst()];
        // The bits that tell the addend from the immediate lie in the low half.
        self.asm.immediate(ImmOp::Add, register, instruction.branch_addend() as u32);
        if self.features.jcc_erratum {
            self.asm.keep_within_32(TEST_AND_JUMP_BYTES);
        }
        self.asm.test_immediate32(register, instruction.branch_mask());
        self.asm.jump_back_if(Condition::Zero, target);
        // Counts as a change of them all.
        self.behind_last_change = [self.asm.position(); 8];
    }

    fn round(&mut self, instruction: Instruction) {
        // Brings the mode's number to bits 2 and 3, where it indexes the table of modes.
        let count = (instruction.imm32 as u8).wrapping_sub(2) % 64;
        if self.features.bmi2 {
            self.asm.rorx(RAX, r(instruction.src()), count);
        } else {
            self.asm.op(Mov, RAX, r(instruction.src()));
            self.asm.shift(ShiftOp::Ror, RAX, count);
        }
        let rare = (self.variant == Variant::V2).then(|| {
            self.asm.test_immediate32(RAX, 0b1111 << 4);
            self.asm.jump_ahead_if(Condition::NotZero)
        });
        self.asm.immediate32(ImmOp::And, RAX, 0b11 << 2);
        let same = self.features.slow_mxcsr.then(|| {
            self.asm.op32(IntOp::Cmp, RAX, field!(rounding));
            self.asm.jump_ahead_if(Condition::Zero)
        });
        self.asm.load_mxcsr(indexed_at(RBX, RAX, Context::MODES));
        self.asm.store32(field!(rounding), RAX);
        for jump in [rare, same].into_iter().flatten() {
            self.asm.land(&jump);
        }
    }
}

/// Keeps and sets the bits that group E prescribes.
pub fn limit_to_group_e(asm: &mut Assembler, features: Features, register: Vector) {
    if features.avx512 {
        const KEEP_THEN_SET: u8 = 0xea; // a & b | c
        asm.evex(PTERNLOGQ, W128, register, GROUP_E_KEEP, GROUP_E_SET);
        asm.byte(KEEP_THEN_SET);
    } else {
        asm.sse(ANDPS, register, GROUP_E_KEEP);
        asm.sse(ORPS, register, GROUP_E_SET);
    }
}
