using NixStore.Engine.Native;

namespace NixStore.Engine.Stores;

/// <summary>
/// What an overlay store is made of, besides its own directories: <see cref="StoreLocation.RealDirectory"/> is where the overlay is mounted,
/// <see cref="StoreLocation.StateDirectory"/> has the database of the upper layer (Nix libstore/local-overlay-store.hh).
/// </summary>
public sealed record OverlayLayers
{
    /// <summary>The store below, which nothing here ever changes but what publishes to it.</summary>
    public required StoreLocation Lower { get; init; }

    /// <summary>
    /// <c>lower-store</c> as it was given. <see cref="Lower"/> is the same store seen as files; Nix may reach it by a daemon's socket.
    /// </summary>
    public required string LowerUrl { get; init; }

    /// <summary>The directory of the upper layer, as it must have been given to mount(2).</summary>
    public required string UpperLayer { get; init; }

    /// <summary>A program that Nix runs with the mount point as its argument after it has deleted something; null for none.</summary>
    public string? RemountHook { get; init; }

    /// <summary>False with <c>check-mount=false</c>: Nix takes the mount on trust.</summary>
    public bool ChecksMount { get; init; } = true;

    /// <summary>The lower store for whoever publishes to it: overlay stores name theirs read-only, since they themselves never write to it.</summary>
    internal StoreLocation WritableLower
    {
        get
        {
            var url = StoreUrl.Parse(Lower.Url);
            var parameters = url.Parameters.Where(parameter => parameter.Key != "read-only").ToDictionary(StringComparer.Ordinal);
            return Lower with { Url = (url with { Parameters = parameters }).ToString(), IsReadOnly = false };
        }
    }

    /// <summary>In which layers a path is; null when it is in none. A whiteout is no path.</summary>
    /// <exception cref="StoreIOException"/>
    public StoreLayer? LayerOf(StorePath path) => LayerOf(path.BaseName);

    /// <inheritdoc cref="LayerOf(StorePath)"/>
    internal StoreLayer? LayerOf(string name) => (IsIn(UpperLayer, name), IsIn(Lower.RealDirectory, name)) switch
    {
        (true, true) => StoreLayer.Both,
        (true, false) => StoreLayer.Upper,
        (false, true) => StoreLayer.Lower,
        _ => null,
    };

    private static bool IsIn(string directory, string name)
        => Posix.TryStatus($"{directory}/{name}", out var status, out _) && status.Type is FileType.Regular or FileType.Directory or FileType.SymbolicLink;
}
