using System.Runtime.InteropServices;

namespace NixStore.Engine.Native;

/// <summary>Flags of open(2). Some numbers differ between x86-64 and arm64, hence no enum.</summary>
public static class OpenFlags
{
    /// <summary>Read only.</summary>
    public const int ReadOnly = 0;
    /// <summary>Write only.</summary>
    public const int WriteOnly = 1;
    /// <summary>Read and write.</summary>
    public const int ReadWrite = 2;
    /// <summary>Create when absent.</summary>
    public const int Create = 0x40;
    /// <summary>With <see cref="Create"/>: fail when it exists.</summary>
    public const int Exclusive = 0x80;
    /// <summary>Cut to zero length.</summary>
    public const int Truncate = 0x200;
    /// <summary>Each write goes to the end.</summary>
    public const int Append = 0x400;
    /// <summary>Do not wait for the other end of a fifo.</summary>
    public const int NonBlocking = 0x800;
    /// <summary>Do not touch the access time; the kernel allows it to the owner and root only.</summary>
    public const int NoAccessTime = 0x40000;
    /// <summary>Close on exec.</summary>
    public const int CloseOnExec = 0x80000;
    /// <summary>A handle on the name only, no access to contents.</summary>
    public const int PathOnly = 0x200000;

    private static readonly bool s_isArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;

    /// <summary>Fail when it is no directory.</summary>
    public static readonly int Directory = s_isArm ? 0x4000 : 0x10000;

    /// <summary>Fail when the last component is a symbolic link.</summary>
    public static readonly int NoFollow = s_isArm ? 0x8000 : 0x20000;
}
