using NixStore.Engine.Native;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Overlay.Examination;

/// <summary>Compares what an overlay shows under a name with what its layers have there. A name costs three system calls, unless something is odd about it.</summary>
/// <param name="store">The overlay store, which is mounted.</param>
internal sealed class MergedEntries(StoreLocation store)
{
    private readonly string _upper = store.Overlay!.UpperLayer;
    private readonly string _lower = store.Overlay.Lower.RealDirectory;

    /// <summary>What is wrong with a name; null when what is shown is what there is.</summary>
    /// <exception cref="StoreIOException"/>
    internal (string Detail, StoreLayer? Layer)? FindFault(string name)
    {
        var upper = StatusIn(_upper, name);
        var lower = StatusIn(_lower, name);
        var isHidden = upper is { Type: FileType.CharacterDevice };
        StoreLayer? layer = isHidden ? null : (upper, lower) switch
        {
            (not null, not null) => StoreLayer.Both,
            (not null, null) => StoreLayer.Upper,
            (null, not null) => StoreLayer.Lower,
            _ => null,
        };
        if (!Posix.TryStatus($"{store.RealDirectory}/{name}", out var shown, out var error))
        {
            return error == Errno.Stale ? ("the overlay has a stale handle of it", layer)
                : error != Errno.NoEntry ? throw new StoreIOException("stat", $"{store.RealDirectory}/{name}", error)
                : layer is null || IsWhiteoutFile(name, upper) ? null : ("a layer has it, but the overlay does not show it", layer);
        }

        if (layer is null)
        {
            return (isHidden ? "the overlay shows it, although a whiteout hides it" : "the overlay shows it, although no layer has it any more", null);
        }

        var real = (upper ?? lower)!.Value;
        return shown.Type != real.Type ? ("the overlay shows a file of another type than the layer has", layer)
            : shown.Type != FileType.Directory ? (IsSameFile(shown, real) ? null : ("the overlay shows another file than the layer has", layer))
            : shown.LinkCount == 0 ? ("the overlay shows a directory that was deleted; it reads as empty", layer)
            : IsPlain(shown, real, layer.Value) ? null
            : layer == StoreLayer.Lower && shown.LinkCount == 1 && real.LinkCount > 1
                ? ("the overlay shows the directory merged with one of the upper layer that is gone", layer)
            : ShowsNames(name, layer.Value) ? null : ("the overlay shows other names in the directory than the layer has", layer);
    }

    private static bool IsSameFile(in FileStatus shown, in FileStatus real) => shown.Size == real.Size
        && shown.ModificationSeconds == real.ModificationSeconds && shown.ModificationNanoseconds == real.ModificationNanoseconds;

    /// <summary>A directory of one layer shows that layer's own number of links and size.</summary>
    private static bool IsPlain(in FileStatus shown, in FileStatus real, StoreLayer layer)
        => layer != StoreLayer.Both && shown.LinkCount > 1 && shown.LinkCount == real.LinkCount && shown.Size == real.Size;

    /// <summary>Compares the names in the directory; those in directories below it go with them.</summary>
    private bool ShowsNames(string name, StoreLayer layer)
    {
        var shown = NamesIn($"{store.RealDirectory}/{name}");
        var real = NamesIn($"{(layer == StoreLayer.Lower ? _lower : _upper)}/{name}");
        return layer == StoreLayer.Both ? real.IsSubsetOf(shown) || real.Except(shown).All(missing => IsWhiteoutFile($"{name}/{missing}", StatusIn(_upper, $"{name}/{missing}")))
            : real.SetEquals(shown);
    }

    private static HashSet<string> NamesIn(string path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        using var directory = Posix.Open(path, OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoAccessTime);
        using var entries = new DirectoryEntries(directory);
        while (entries.MoveNext())
        {
            if (entries.Type != FileType.CharacterDevice)
            {
                names.Add(ByteName.ToDisplay(entries.Name));
            }
        }

        return names;
    }

    private bool IsWhiteoutFile(string name, FileStatus? upper)
        => upper is { Type: FileType.Regular, Size: 0 } && OverlayAttributes.Of($"{_upper}/{name}").IsWhiteout;

    private static FileStatus? StatusIn(string directory, string name) => Posix.TryStatus($"{directory}/{name}", out var status, out _) ? status : null;
}
