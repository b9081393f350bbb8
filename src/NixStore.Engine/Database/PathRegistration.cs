namespace NixStore.Engine.Database;

/// <summary>A path to be registered: its metadata and, for a .drv, the outputs that the file names (output name → full path).</summary>
public sealed record PathRegistration(ValidPathInfo Info, IReadOnlyDictionary<string, string>? Outputs = null);
