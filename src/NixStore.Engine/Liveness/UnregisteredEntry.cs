using System.Text;
using System.Text.RegularExpressions;
using NixStore.Engine.Native;

namespace NixStore.Engine.Liveness;

/// <summary>An entry of a store directory that no row names.</summary>
public sealed partial class UnregisteredEntry
{
    private static readonly string[] s_leftoverEndings = [".lock", ".chroot", ".check"];
    private readonly byte[] _name;

    /// <summary>Describes an entry.</summary>
    /// <param name="name">Its name, NUL-terminated.</param>
    /// <param name="type">Its type, where the file system tells.</param>
    public UnregisteredEntry(byte[] name, FileType type)
    {
        _name = name;
        Type = type;
        Text = ByteName.ToDisplay(name);
        Kind = Classify();
    }

    /// <summary>The name, NUL-terminated.</summary>
    public ReadOnlySpan<byte> Name => _name;

    /// <summary>The name as text.</summary>
    public string Text { get; }

    /// <summary>Its type, where the file system tells.</summary>
    public FileType Type { get; }

    /// <summary>What sort of garbage it would be.</summary>
    public StoreGarbageKind Kind { get; }

    /// <summary>The hash part of the path that it belongs to; null when it belongs to none.</summary>
    public string? HashPart { get; private set; }

    /// <summary>True for the staging directory of an import or a repair, which is locked while somebody uses it.</summary>
    public bool IsStaging => HashPart is null && Text.StartsWith("tmp-", StringComparison.Ordinal);

    /// <summary>True for a link that an optimisation is about to rename into its place.</summary>
    public bool IsTemporaryLink => Text.StartsWith(".tmp-link-", StringComparison.Ordinal);

    /// <summary>True for a lock file, which is locked while somebody builds or repairs the path.</summary>
    public bool IsLockFile => HashPart is not null && Text.EndsWith(".lock", StringComparison.Ordinal);

    /// <summary>
    /// Where an interrupted repair has put the contents of this path (Nix libstore/unix/build/derivation-builder.cc:replaceValidPath);
    /// null for anything else.
    /// </summary>
    public string? SavedPath { get; private set; }

    private StoreGarbageKind Classify()
    {
        // A name that is not UTF-8 is none of a store path: it would have lost bytes.
        var isText = Encoding.UTF8.GetByteCount(Text) == _name.Length - 1;
        if (!isText || !StorePath.TryParse(Text, out var path))
        {
            return IsStaging || IsTemporaryLink ? StoreGarbageKind.Leftover : StoreGarbageKind.Foreign;
        }

        HashPart = path.HashPart;
        if (Saved().Match(Text) is { Success: true } saved)
        {
            SavedPath = saved.Groups["path"].Value;
            return StoreGarbageKind.Leftover;
        }

        return Array.Exists(s_leftoverEndings, ending => Text.EndsWith(ending, StringComparison.Ordinal) && StorePath.TryParse(Text[..^ending.Length], out _))
            ? StoreGarbageKind.Leftover : StoreGarbageKind.Unregistered;
    }

    [GeneratedRegex(@"^(?<path>.{34,})\.old-[0-9]+-[0-9]+$")]
    private static partial Regex Saved();
}
