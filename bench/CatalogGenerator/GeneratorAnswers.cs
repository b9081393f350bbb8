namespace NixStore.Bench.Catalogs;

/// <summary>What a generated catalog has in it, for those who ask it.</summary>
public sealed record GeneratorAnswers
{
    /// <summary>Narinfos.</summary>
    public long Paths { get; set; }

    /// <summary>References, self references among them.</summary>
    public long References { get; set; }

    /// <summary>NARs, each once.</summary>
    public long Nars { get; set; }

    /// <summary>Bytes of their files.</summary>
    public long FileSize { get; set; }

    /// <summary>Bytes of the NARs of all narinfos.</summary>
    public long NarSize { get; set; }

    /// <summary>NixOS images by the patterns <c>nixos-*.iso</c>, <c>nixos-*.img</c>, <c>nixos-amazon-image-*</c>.</summary>
    public long Images { get; set; }

    /// <summary>Bytes of their files, one by one.</summary>
    public long ImageSize { get; set; }

    /// <summary>Fixed outputs.</summary>
    public long FixedOutputs { get; set; }
}
