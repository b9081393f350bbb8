namespace NixStore.Engine.Generations;

/// <summary>The NixOS systems that a machine uses now, by full logical path; null where there is none.</summary>
/// <param name="Current">/run/current-system.</param>
/// <param name="Booted">/run/booted-system, whose kernel and modules are needed until the next boot.</param>
internal sealed record RunningSystem(string? Current, string? Booted)
{
    /// <summary>Looks.</summary>
    internal static RunningSystem Of(MachineRoot machine) => machine.HasUsers
        ? new(machine.TryReadLink($"{machine.Prefix}/run/current-system"), machine.TryReadLink($"{machine.Prefix}/run/booted-system"))
        : new(null, null);
}
