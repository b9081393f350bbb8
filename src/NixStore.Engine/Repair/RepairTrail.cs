namespace NixStore.Engine.Repair;

/// <summary>What was tried for one path and why it did not help: the substance of the error when nothing did.</summary>
internal sealed class RepairTrail
{
    private readonly List<string> _tried = [];

    /// <summary>Bytes read from sources, whether they helped or not.</summary>
    internal long BytesRead { get; set; }

    internal void Add(string source, string why) => _tried.Add($"{source}: {why}");

    internal void Add(string source, NixStoreException error) => Add(source, error.Message.TrimEnd('.'));

    /// <summary>The error about a path that could not be repaired.</summary>
    internal NixStoreException ToError(string path, string reason, string remedy) => new(
        "PathNotRepairable", StoreErrorKind.NotFound,
        _tried.Count == 0 ? $"'{path}' cannot be repaired: {reason}." : $"'{path}' cannot be repaired: {reason}. Tried: {string.Join("; ", _tried)}.",
        path, remedy);
}
