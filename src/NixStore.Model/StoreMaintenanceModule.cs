namespace NixStore;

/// <summary>Scheduled tasks as a module of a NixOS configuration.</summary>
public sealed record StoreMaintenanceModule
{
    /// <summary>The tasks in it.</summary>
    public required IReadOnlyList<StoreMaintenance> Maintenance { get; init => field = Indexable.Of(value); }

    /// <summary>The module: what belongs into a file that <c>imports</c> of configuration.nix names.</summary>
    public required string Text { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
