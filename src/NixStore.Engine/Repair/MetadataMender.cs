using System.Runtime.InteropServices;
using NixStore.Engine.Archive;
using NixStore.Engine.Native;

namespace NixStore.Engine.Repair;

/// <summary>
/// Gives every file of a tree its canonical metadata while the tree is hashed: the hash at the end tells whether contents and metadata are
/// both right. Works on the open files, so nothing outside the tree can be touched.
/// </summary>
internal sealed unsafe class MetadataMender(StoreOwner owner) : NarObserver
{
    private readonly List<string> _changed = [];

    /// <summary>Relative paths of what was changed.</summary>
    internal IReadOnlyList<string> Changed => _changed;

    /// <inheritdoc/>
    public override void OnDirectory(in NarFile file) => Mend(file);

    /// <inheritdoc/>
    public override void OnRegular(in NarFile file) => Mend(file);

    /// <inheritdoc/>
    public override void OnSymlink(in NarFile file, ReadOnlySpan<byte> target)
    {
        ref readonly var status = ref file.Status;
        using var directory = new FileDescriptor(file.Directory, "", ownsHandle: false);
        var name = ByteName.From(file.LinkName);
        var mendsOwner = HasOtherOwner(status);
        var mendsTime = HasOtherTime(status);
        if (mendsOwner)
        {
            Posix.FchownAt(directory, name, owner.User, owner.Group);
        }

        if (mendsTime)
        {
            Posix.SetModificationTimeAt(directory, name, CanonicalMetadata.ModificationTime);
        }

        Note(file, RemoveLinkAttributes(file, name) || mendsOwner || mendsTime);
    }

    private void Mend(in NarFile file)
    {
        ref readonly var status = ref file.Status;
        using var descriptor = new FileDescriptor(file.Descriptor, ByteName.ToDisplay(file.RelativePath), ownsHandle: false);
        var changed = status.IsImmutable;
        if (changed)
        {
            // Nothing else can be changed before.
            Posix.ClearImmutable(descriptor);
        }

        if (HasOtherOwner(status))
        {
            byte empty = 0;
            if (Libc.FchownAt(file.Descriptor, &empty, owner.User, owner.Group, Posix.AtEmptyPath) < 0)
            {
                throw new StoreIOException("change the owner of", descriptor.Path, Marshal.GetLastPInvokeError());
            }

            changed = true;
        }

        Span<byte> attributes = stackalloc byte[256];
        if (file.ListExtendedAttributes(attributes) != 0)
        {
            changed |= RemoveAttributes(descriptor, status);
        }

        if (status.Mode != CanonicalMetadata.ModeOf(status) || changed)
        {
            Posix.Fchmod(descriptor, CanonicalMetadata.ModeOf(status));
            changed |= status.Mode != CanonicalMetadata.ModeOf(status);
        }

        if (HasOtherTime(status))
        {
            Posix.SetModificationTime(descriptor, CanonicalMetadata.ModificationTime);
            changed = true;
        }

        if (changed)
        {
            Posix.Fsync(descriptor);
        }

        Note(file, changed);
    }

    private static bool RemoveAttributes(FileDescriptor file, in FileStatus status)
    {
        var removed = false;
        foreach (var attribute in Posix.ListExtendedAttributes(file))
        {
            if (CanonicalMetadata.IsIgnoredAttribute(attribute))
            {
                continue;
            }

            // User attributes need write permission on the file, even for its owner.
            Posix.Fchmod(file, status.Mode | 0b010_000_000);
            Posix.RemoveExtendedAttribute(file, attribute);
            removed = true;
        }

        return removed;
    }

    private static bool RemoveLinkAttributes(in NarFile file, byte[] name)
    {
        Span<byte> attributes = stackalloc byte[256];
        if (file.ListExtendedAttributes(attributes) == 0)
        {
            return false;
        }

        var path = ByteName.From([.. System.Text.Encoding.ASCII.GetBytes($"/proc/self/fd/{file.Directory}/"), .. ByteName.Trim(name)]);
        var removed = false;
        foreach (var attribute in Posix.ListExtendedAttributes(path).Where(attribute => !CanonicalMetadata.IsIgnoredAttribute(attribute)))
        {
            Posix.RemoveExtendedAttribute(path, attribute);
            removed = true;
        }

        return removed;
    }

    private bool HasOtherOwner(in FileStatus status)
        => Posix.EffectiveUserId == 0 && (status.Owner != owner.User || status.Group != owner.Group);

    private static bool HasOtherTime(in FileStatus status)
        => status.ModificationSeconds != CanonicalMetadata.ModificationTime || status.ModificationNanoseconds != 0;

    private void Note(in NarFile file, bool changed)
    {
        if (changed)
        {
            _changed.Add(ByteName.ToDisplay(file.RelativePath));
        }
    }
}
