using System.Runtime.InteropServices;

namespace Rollbook.Query;

/// <summary>
/// A seccomp filter for the whole process: no network, no other programs, no writing or changing of files, no look into other processes. Such a call fails with EPERM.
/// </summary>
/// <remarks>
/// Classic BPF over <c>struct seccomp_data</c> (nr at 0, arch at 4, args from 16): seccomp(2), https://man7.org/linux/man-pages/man2/seccomp.2.html. Where the kernel
/// has no seccomp the other walls remain.
/// </remarks>
internal static class SystemCallFilter
{
    private const ushort LoadWord = 0x20;
    private const ushort JumpEqual = 0x15;
    private const ushort JumpFrom = 0x35;
    private const ushort JumpAnyBit = 0x45;
    private const ushort Return = 0x06;
    private const uint Allow = 0x7fff0000;
    private const uint RefuseEperm = 0x00050000 | 1;
    private const uint Kill = 0x80000000;

    // From here on x64 kernels take the calls of the x32 ABI, which have other numbers.
    private const uint FirstOfX32 = 0x40000000;

    // O_WRONLY, O_RDWR, O_CREAT, O_TRUNC.
    private const uint WriteFlags = 0x1 | 0x2 | 0x40 | 0x200;

    private static readonly Calls X64 = new(
        0xC000003E, 317, 257, 2,
        // socket … listen without shutdown; fork, vfork, execve, kill; files; ptrace, mount; process_vm_*; execveat, bpf, userfaultfd, io_uring_setup, openat2.
        [41, 42, 43, 44, 46, 49, 50, 53, 57, 58, 59, 62, 76, 77, 82, 83, 84, 85, 86, 87, 88, 90, 91, 92, 93, 94, 101, 133, 165, 166, 258, 259, 260, 263, 264, 265, 266, 268, 288, 307, 310, 311, 316, 321, 322, 323, 425, 437, 452]);

    private static readonly Calls Arm64 = new(
        0xC00000B7, 277, 56, null,
        [33, 34, 35, 36, 37, 38, 39, 40, 45, 46, 52, 53, 54, 55, 117, 129, 198, 199, 200, 201, 202, 203, 206, 211, 221, 242, 269, 270, 271, 276, 280, 281, 282, 425, 437, 452]);

    /// <summary>Installs it for all threads, those to come included.</summary>
    /// <returns>False where this system has none.</returns>
    public static bool Install()
    {
        var calls = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => X64,
            Architecture.Arm64 => Arm64,
            _ => null,
        };
        if (calls is null) return false;
        const int NoNewPrivileges = 38;
        if (Control(NoNewPrivileges, 1, 0, 0, 0) != 0) return false;
        var program = Program(calls);
        var pinned = GCHandle.Alloc(program, GCHandleType.Pinned);
        try
        {
            const long SetModeFilter = 1;
            const long AllThreads = 1;
            var head = new FilterHead { Length = (ushort)program.Length, Instructions = pinned.AddrOfPinnedObject() };
            return Call(calls.Seccomp, SetModeFilter, AllThreads, in head) == 0;
        }
        finally
        {
            pinned.Free();
        }
    }

    private static Instruction[] Program(Calls calls)
    {
        var program = new List<Instruction>
        {
            new(LoadWord, 0, 0, 4),
            new(JumpEqual, 1, 0, calls.Architecture),
            new(Return, 0, 0, Kill),
            new(LoadWord, 0, 0, 0),
            new(JumpFrom, 0, 1, FirstOfX32),
            new(Return, 0, 0, RefuseEperm),
        };
        foreach (var call in calls.Refused)
        {
            program.Add(new Instruction(JumpEqual, 0, 1, call));
            program.Add(new Instruction(Return, 0, 0, RefuseEperm));
        }

        // openat(dir, path, flags) and open(path, flags): only to read.
        AddOpen(program, calls.OpenAt, 2);
        if (calls.Open is { } open) AddOpen(program, open, 1);
        program.Add(new Instruction(Return, 0, 0, Allow));
        return [.. program];
    }

    private static void AddOpen(List<Instruction> program, uint call, uint argument)
    {
        program.Add(new Instruction(JumpEqual, 0, 4, call));
        program.Add(new Instruction(LoadWord, 0, 0, 16 + (8 * argument)));
        program.Add(new Instruction(JumpAnyBit, 0, 1, WriteFlags));
        program.Add(new Instruction(Return, 0, 0, RefuseEperm));
        program.Add(new Instruction(Return, 0, 0, Allow));
    }

    [DllImport("libc", EntryPoint = "prctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Control(int option, nuint a, nuint b, nuint c, nuint d);

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern long Call(long number, long operation, long flags, in FilterHead filter);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Instruction(ushort code, byte whereTrue, byte whereFalse, uint value)
    {
        public readonly ushort Code = code;
        public readonly byte WhereTrue = whereTrue;
        public readonly byte WhereFalse = whereFalse;
        public readonly uint Value = value;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct FilterHead
    {
        public ushort Length;
        public nint Instructions;
    }

    private sealed record Calls(uint Architecture, long Seccomp, uint OpenAt, uint? Open, uint[] Refused);
}
