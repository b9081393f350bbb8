using NixStore.Engine.Overlay.Examination;
using NixStore.Engine.Overlay.Mending;
using NixStore.Engine.Stores;
using NixStore.Interop.Tests.Support;

namespace NixStore.Interop.Tests.Overlay;

/// <summary>What Repair-OverlayStore does, as a program whose first thread does it all, so that it can be killed at any call: this assembly itself.</summary>
internal static class OverlayRepairProgram
{
    /// <summary>The command line that repairs a store.</summary>
    internal static string[] CommandLineFor(StoreLocation store) => ["dotnet", "exec", typeof(OverlayRepairProgram).Assembly.Location, store.Url];

    /// <summary>What there is to do.</summary>
    internal static OverlayPlan Plan(StoreLocation store)
        => OverlayMender.Plan(store, new OverlayExaminationOptions { Configuration = OverlayUnderTest.Features }, CancellationToken.None);

    /// <summary>Plans, and takes all steps.</summary>
    internal static List<OverlayRepairStep> Repair(StoreLocation store)
    {
        var plan = Plan(store);
        using var mender = OverlayMender.Open(store);
        return [.. plan.Steps.Select(step => mender.Apply(step, CancellationToken.None))];
    }

    private static int Main(string[] arguments)
    {
        var failed = Repair(StoreLocator.Locate(arguments[0])).Where(step => step.Outcome != StoreRepairStepOutcome.Done).ToList();
        failed.ForEach(step => Console.Error.WriteLine($"{step}: {step.Error}"));
        return failed.Count;
    }
}
