using NixStore.Engine.Native;

namespace NixStore.Engine.Archive;

/// <summary>
/// Changes to a tree that are tried out without making them: what would its hash be if this file were replaced by that one, were gone,
/// or were there? Costs one look-up for each directory, nothing for files.
/// </summary>
public sealed class NarSubstitutions
{
    private readonly Dictionary<ByteString, List<KeyValuePair<byte[], NarReplacement>>> _byDirectory = [];

    /// <summary>What replaces the whole tree.</summary>
    internal NarReplacement? Root { get; private set; }

    /// <summary>
    /// Puts <paramref name="replacement"/> in the place of a path relative to the root (empty: the root itself). Its directory must be in
    /// the tree; the last name need not: then it is added.
    /// </summary>
    /// <returns>This, for chaining.</returns>
    public NarSubstitutions With(ReadOnlySpan<byte> relativePath, NarReplacement replacement)
    {
        if (relativePath.IsEmpty)
        {
            Root = replacement;
            return this;
        }

        var slash = relativePath.LastIndexOf((byte)'/');
        var name = ByteName.From(relativePath[(slash + 1)..]);
        var directory = new ByteString(slash < 0 ? default : relativePath[..slash]);
        if (!_byDirectory.TryGetValue(directory, out var changes))
        {
            _byDirectory[directory] = changes = [];
        }

        changes.RemoveAll(change => change.Key.AsSpan().SequenceEqual(name));
        changes.Add(KeyValuePair.Create(name, replacement));
        return this;
    }

    /// <summary>The changes in one directory, by NUL-terminated name; null when there are none.</summary>
    internal List<KeyValuePair<byte[], NarReplacement>>? In(ReadOnlySpan<byte> directory)
        => _byDirectory.GetValueOrDefault(new ByteString(directory));
}
