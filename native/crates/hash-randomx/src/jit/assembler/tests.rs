//! Encodings as another assembler writes them.

use super::ops::*;
use super::*;
use Condition::{NotZero, Zero};
use Width::{W128, W256, W512};

fn assembled(write: impl Fn(&mut Assembler)) -> Vec<u8> {
    let mut code = [0xcc; 256];
    let mut assembler = Assembler::new(&mut code, 0);
    write(&mut assembler);
    let end = assembler.position();
    code[..end].to_vec()
}

/// Bytes in hexadecimal and what writes them.
type Case = (&'static str, fn(&mut Assembler));

fn check(cases: &[Case]) {
    for (hex, write) in cases {
        let bytes: Vec<String> = assembled(write).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(bytes.join(""), *hex);
    }
}

const R9: Gpr = Gpr(9);
const R10: Gpr = Gpr(10);
const R11: Gpr = Gpr(11);

fn v(number: u8) -> Vector {
    Vector(number)
}

#[test]
fn integer_instructions() {
    check(&[
        ("4d03c7", |a| a.op(IntOp::Add, R8, R15)),
        ("4c032c06", |a| a.op(IntOp::Add, R13, indexed(RSI, RAX))),
        ("4c2b8e40230100", |a| a.op(IntOp::Sub, R9, at(RSI, 0x12340))),
        ("4c336138", |a| a.op(IntOp::Xor, R12, at(RCX, 56))),
        ("488b5500", |a| a.op(IntOp::Mov, RDX, at(RBP, 0))),
        ("498b542408", |a| a.op(IntOp::Mov, RDX, at(R12, 8))),
        ("4d897d00", |a| a.store(at(R13, 0), R15)),
        ("894308", |a| a.store32(at(RBX, 8), RAX)),
        ("4133c3", |a| a.op32(IntOp::Xor, RAX, R11)),
        ("418bca", |a| a.op32(IntOp::Mov, RCX, R10)),
        ("418d4424fb", |a| a.op32(IntOp::Lea, RAX, at(R12, -5))),
        ("4f8d0488", |a| a.lea_scaled(R8, R8, R9, 2, 0)),
        ("4f8dacf544332211", |a| a.lea_scaled(R13, R13, R14, 3, 0x1122_3344)),
        ("4d87ce", |a| a.op(IntOp::Xchg, R9, R14)),
        ("483bdf", |a| a.op(IntOp::Cmp, RBX, RDI)),
        ("4981c200000080", |a| a.immediate(ImmOp::Add, R10, 1 << 31)),
        ("81e0f83f0000", |a| a.immediate32(ImmOp::And, RAX, 0x3ff8)),
        ("25f83f0000", |a| a.and_eax(0x3ff8)),
        ("4883c440", |a| a.immediate8(ImmOp::Add, RSP, 64)),
        ("836b9001", |a| a.immediate8_32(ImmOp::Sub, at(RBX, -112), 1)),
        ("41f7c100ff0000", |a| a.test_immediate32(R9, 0xff00)),
        ("48b88877665544332211", |a| a.move_immediate64(RAX, 0x1122_3344_5566_7788)),
        ("49c1cb3f", |a| a.shift(ShiftOp::Ror, R11, 63)),
        ("49d3c0", |a| a.shift_by_cl(ShiftOp::Rol, R8)),
        ("49f7df", |a| a.unary(UnaryOp::Neg, R15)),
        ("49f7e1", |a| a.unary(UnaryOp::Mul, R9)),
        ("48f72c0e", |a| a.unary(UnaryOp::IMul, indexed(RSI, RCX))),
        ("4d0fafc5", |a| a.multiply(R8, R13)),
        ("4c0faf43c0", |a| a.multiply(R8, at(RBX, -64))),
        ("4d69dbfeffffff", |a| a.multiply_immediate(R11, -2i32 as u32)),
        ("c4c2f3f6c3", |a| a.mulx(RAX, RCX, R11)),
        ("c4e2fbf61406", |a| a.mulx(RDX, RAX, indexed(RSI, RAX))),
        ("c4c3fbf0c43d", |a| a.rorx(RAX, R12, 61)),
    ]);
}

#[test]
fn control_instructions() {
    check(&[
        ("0f180417", |a| a.prefetch(Hint::NonTemporal, indexed(RDI, RDX))),
        ("0f180c06", |a| a.prefetch(Hint::Level1, indexed(RSI, RAX))),
        ("410f1808", |a| a.prefetch(Hint::Level1, at(R8, 0))),
        ("0fae5388", |a| a.load_mxcsr(at(RBX, -120))),
        ("0fae1403", |a| a.load_mxcsr(indexed(RBX, RAX))),
        ("0fae5b98", |a| a.store_mxcsr(at(RBX, -104))),
        ("55", |a| a.push(RBP)),
        ("4154", |a| a.push(R12)),
        ("415f", |a| a.pop(R15)),
        ("5b", |a| a.pop(RBX)),
        ("c3", |a| a.ret()),
        ("ff9300020000", |a| a.call(at(RBX, 0x200))),
        ("0faee8", |a| a.lfence()),
        ("c5f877", |a| a.vzeroupper()),
    ]);
}

#[test]
fn vector_instructions_of_every_encoding() {
    check(&[
        ("66410f58c0", |a| a.sse(ADDPD, v(0), v(8))),
        ("66410f59fb", |a| a.sse(MULPD, v(7), v(11))),
        ("f3440fe62406", |a| a.sse(CVTDQ2PD, v(12), indexed(RSI, RAX))),
        ("410f57d7", |a| a.sse(XORPS, v(2), v(15))),
        ("0f294910", |a| a.sse(MOVAPS_STORE, v(1), at(RCX, 16))),
        ("660f38dcc4", |a| a.sse(AESENC, v(0), v(4))),
        ("c5f5d4c2", |a| a.vex(PADDQ, W256, v(0), v(1), v(2))),
        ("c4426540cc", |a| a.vex(PMULLD, W256, v(9), v(3), v(12))),
        ("c505d44320", |a| a.vex(PADDQ, W256, v(8), v(15), at(RBX, 32))),
        ("c4627d594b08", |a| a.vex(BROADCASTQ, W256, v(9), v(0), at(RBX, 8))),
        ("6292f54040c6", |a| a.evex(PMULLQ_W, W512, v(0), v(17), v(30))),
        ("62f2e558405b7f", |a| a.evex_broadcast(PMULLQ_W, W512, v(3), v(3), at(RBX, 1016))),
        ("62f1e558d49b00040000", |a| a.evex_broadcast(PADDQ_W, W512, v(3), v(3), at(RBX, 1024))),
        ("62f2fe4839cf", |a| a.evex(MOVQ2M, W512, v(1), v(0), v(7))),
        ("62f1ed49fbd5", |a| a.evex_masked(PSUBQ_W, W512, v(2), v(2), v(5), 1)),
        ("62e1fe486f4302", |a| a.evex(MOVDQU64, W512, v(16), v(0), at(RBX, 128))),
        ("62e1fe487f8341000000", |a| a.evex(MOVDQU64_STORE, W512, v(16), v(0), at(RBX, 65))),
        ("62b1f5086fc1", |a| a.evex(MOVDQA64, W128, v(0), v(1), v(17))),
    ]);
}

#[test]
fn a_displacement_that_fits_a_byte_takes_one() {
    check(&[
        ("488b437f", |a| a.op(IntOp::Mov, RAX, at(RBX, 127))),
        ("488b8380000000", |a| a.op(IntOp::Mov, RAX, at(RBX, 128))),
        ("488b4380", |a| a.op(IntOp::Mov, RAX, at(RBX, -128))),
        ("488b837fffffff", |a| a.op(IntOp::Mov, RAX, at(RBX, -129))),
        ("488b03", |a| a.op(IntOp::Mov, RAX, at(RBX, 0))),
        ("488b8300000000", |a| a.op(IntOp::Mov, RAX, Memory { form: Form::AnyDisplacement, ..at(RBX, 0) })),
        ("488b842300000000", |a| a.op(IntOp::Mov, RAX, Memory { form: Form::AnyBase, ..at(RBX, 0) })),
        ("498b842405000000", |a| a.op(IntOp::Mov, RAX, Memory { form: Form::AnyBase, ..at(R12, 5) })),
    ]);
}

#[test]
fn jumps_back_to_any_place_before() {
    for (gap, jump) in [(0, "0f85faffffff"), (3, "0f85f7ffffff"), (127, "0f857bffffff")] {
        let bytes = assembled(|a| {
            a.nops(gap);
            a.jump_back_if(NotZero, 0);
        });
        let hex: String = bytes[gap..].iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, jump, "{gap}");
    }
}

#[test]
fn jumps_ahead_to_where_they_land() {
    let bytes = assembled(|a| {
        let short = a.jump_ahead_if(Zero);
        let far = a.jump_far_ahead_if(NotZero);
        a.byte(0xc3);
        a.land(&short);
        a.land_far(&far);
    });
    assert_eq!(bytes, [0x74, 7, 0x0f, 0x85, 1, 0, 0, 0, 0xc3]);
}

#[test]
fn calls_and_jumps_both_ways() {
    let bytes = assembled(|a| {
        let ahead = a.call_ahead();
        a.jump(0);
        a.land_far(&ahead);
        a.call_back(5);
    });
    assert_eq!(bytes, [0xe8, 5, 0, 0, 0, 0xe9, 0xf6, 0xff, 0xff, 0xff, 0xe8, 0xf6, 0xff, 0xff, 0xff]);
}

#[test]
fn fills_gaps_of_any_length_with_whole_instructions() {
    let longest = [0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0];
    assert_eq!(assembled(|a| a.nops(11)), [&longest[..], &[0x0f, 0x1f, 0x00]].concat());
    for position in 0..40 {
        let end = assembled(|a| {
            a.nops(position);
            a.align(32);
        });
        assert_eq!(end.len(), position.next_multiple_of(32));
    }
}
