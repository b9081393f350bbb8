namespace NixStore.Caches.BinaryCaches;

/// <summary>Writes into a directory: each file beside its place, synced and renamed.</summary>
internal sealed class FileBinaryCacheWriter(FileBinaryCache cache) : BinaryCacheWriter(cache)
{
    protected override void Prepare()
    {
        // The directories that Nix makes in a new cache.
        foreach (var name in (ReadOnlySpan<string>)["nar", "realisations", "log"])
        {
            Directory.CreateDirectory(cache.PathOf(name));
        }

        if (cache.Parameters.IndexDebugInfo)
        {
            Directory.CreateDirectory(cache.PathOf("debuginfo"));
        }
    }

    protected override StagedFile Stage(string hint) => new Staged(cache, new TemporaryFile(cache.PathOf(hint)));

    protected override void WriteSmall(SmallFileKind kind, string relative, byte[] bytes, CancellationToken cancellation)
    {
        using var file = new TemporaryFile(cache.PathOf(relative));
        file.Stream.Write(bytes);
        file.MoveTo(cache.PathOf(relative));
    }

    private sealed class Staged(FileBinaryCache cache, TemporaryFile file) : StagedFile
    {
        public override Stream Stream => file.Stream;

        public override Stream OpenRead() => file.OpenRead();

        public override void Publish(string relative, NixHash hash, CancellationToken cancellation) => file.MoveTo(cache.PathOf(relative));

        public override void Dispose() => file.Dispose();
    }
}
