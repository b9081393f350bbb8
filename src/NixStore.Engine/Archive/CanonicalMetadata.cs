using NixStore.Engine.Native;

namespace NixStore.Engine.Archive;

/// <summary>
/// The metadata that every store object has, since a NAR holds none (STORE-SPEC §6; Nix libstore/posix-fs-canonicalise.cc).
/// </summary>
public static class CanonicalMetadata
{
    /// <summary>Mode of a directory and of an executable file.</summary>
    public const int ExecutableMode = 0b101_101_101;

    /// <summary>Mode of any other regular file.</summary>
    public const int FileMode = 0b100_100_100;

    /// <summary>Modification time of everything, in seconds since 1970.</summary>
    public const long ModificationTime = 1;

    /// <summary>The mode that a file of this type and executable bit has.</summary>
    public static int ModeOf(in FileStatus status)
        => status.Type == FileType.Directory || status.IsExecutable ? ExecutableMode : FileMode;

    /// <summary>True for an extended attribute that Nix leaves alone (its default <c>ignored-acls</c>), because it belongs to the system.</summary>
    public static bool IsIgnoredAttribute(ReadOnlySpan<byte> name)
        => name.SequenceEqual("security.selinux"u8) || name.SequenceEqual("system.nfs4_acl"u8) || name.SequenceEqual("security.csm"u8);

    /// <summary>Removes what a new file or directory inherits from the directory it is made in: ACLs and other attributes.</summary>
    /// <exception cref="StoreIOException"/>
    internal static void RemoveAttributes(FileDescriptor file)
    {
        Span<byte> few = stackalloc byte[256];
        if (new NarFile(default, default, file.Number, -1, default).ListExtendedAttributes(few) == 0)
        {
            return;
        }

        foreach (var attribute in Posix.ListExtendedAttributes(file))
        {
            if (!IsIgnoredAttribute(attribute))
            {
                Posix.RemoveExtendedAttribute(file, attribute);
            }
        }
    }
}
