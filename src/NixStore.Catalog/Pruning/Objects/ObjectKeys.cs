using System.Text;

namespace NixStore.Catalog.Pruning.Objects;

/// <summary>Names of objects out of plans, trash and listings. They are believed only after this has looked at them: a file cache would follow <c>..</c>.</summary>
internal static class ObjectKeys
{
    private const int MaximumLength = 1024;

    /// <summary>The folder of a cache that holds what was pruned; nothing in it is ever pruned itself.</summary>
    internal const string TrashPrefix = "nixstore-trash/";

    /// <summary>Why a name cannot be that of an object of a cache; null when it can.</summary>
    internal static string? Objection(string key)
    {
        if (key.Length == 0 || Encoding.UTF8.GetByteCount(key) > MaximumLength)
        {
            return "it is empty or longer than 1024 bytes";
        }

        if (key.Any(c => char.IsControl(c) || c == '\\'))
        {
            return "it has control characters or a backslash";
        }

        return key.Split('/').Any(part => part is "" or "." or "..") ? "it is absolute, or leads out of the cache" : null;
    }

    /// <summary>Refuses what cannot be the name of an object.</summary>
    /// <exception cref="NixStoreException">InvalidObjectKey</exception>
    internal static string Checked(string key) => Objection(key) is not { } objection ? key
        : throw new NixStoreException("InvalidObjectKey", StoreErrorKind.Security, $"'{key}' cannot be an object of a binary cache: {objection}.", key,
            "Somebody has tampered with the plan or the trash; do not use it.");

    /// <summary>True for a narinfo, which is never in a folder.</summary>
    internal static bool IsNarInfo(string key, out string hash)
    {
        hash = key.Length == 40 && key.EndsWith(".narinfo", StringComparison.Ordinal) ? key[..32] : "";
        return hash.Length > 0 && Nix32.IsValid(hash);
    }

    /// <summary>The URL of a NAR as a key; null when it is elsewhere.</summary>
    internal static string? OfNar(string url)
    {
        var end = url.IndexOfAny(['?', '#']);
        var path = end < 0 ? url : url[..end];
        return Caches.Narinfo.NarUrl.IsAbsolute(url) || Objection(path) is not null ? null : path;
    }
}
