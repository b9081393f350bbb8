namespace NixStore.Engine.Maintenance;

/// <summary>A section of a systemd unit: settings in order, their values as they stand in the file.</summary>
internal sealed record UnitSection(string Name, IReadOnlyList<(string Key, string Value)> Settings)
{
    /// <inheritdoc/>
    public override string ToString() => $"[{Name}]\n{string.Concat(Settings.Select(setting => $"{setting.Key}={setting.Value}\n"))}";
}
