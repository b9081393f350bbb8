using NixStore.Engine.Native;

namespace NixStore.Engine.Verification;

/// <summary>
/// The metadata that every file of a store object has (STORE-SPEC §6; Nix libstore/posix-fs-canonicalise.cc): regular 0444 or 0555,
/// directories 0555, modification time 1, the store's owner, no extended attributes but the ignored ones.
/// </summary>
/// <param name="Owner">User id of everything in the store.</param>
/// <param name="Group">Group id of everything in the store.</param>
public sealed record CanonicalMetadata(uint Owner, uint Group)
{
    /// <summary>Seconds after the epoch: the modification time of everything.</summary>
    public const long ModificationTime = 1;

    /// <summary>0444.</summary>
    public const int PlainMode = 0x124;

    /// <summary>0555.</summary>
    public const int ExecutableMode = 0x16d;

    /// <summary>The metadata of a store: those who own the store directory own what is in it; root's things are also root's group's.</summary>
    /// <remarks>The group of the directory itself may be that of the build users, which is nobody's in the contents.</remarks>
    public static CanonicalMetadata Of(FileDescriptor storeDirectory)
    {
        var status = Posix.Status(storeDirectory);
        return new CanonicalMetadata(status.Owner, status.Owner == 0 ? 0 : status.Group);
    }

    /// <summary>The mode that a file of this type and executable bit has.</summary>
    public static int ModeOf(in FileStatus status)
        => status.Type == FileType.Directory || status.IsExecutable ? ExecutableMode : PlainMode;

    /// <summary>Nix's default for the setting <c>ignored-acls</c>: attributes that the system adds by itself.</summary>
    public static bool IsIgnoredAttribute(ReadOnlySpan<byte> name)
        => name.SequenceEqual("security.selinux"u8) || name.SequenceEqual("system.nfs4_acl"u8) || name.SequenceEqual("security.csm"u8);
}
