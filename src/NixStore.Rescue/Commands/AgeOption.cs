using System.CommandLine;

namespace NixStore.Rescue.Commands;

/// <summary>An option that says how old something is: <c>14d</c>, or a date.</summary>
internal static class AgeOption
{
    /// <summary>Makes one.</summary>
    public static Option<StoreAge?> Make(string name, string description) => new(name)
    {
        Description = $"{description} For example 14d.",
        CustomParser = result =>
        {
            try
            {
                return StoreAge.Parse(result.Tokens[0].Value);
            }
            catch (NixStoreException error)
            {
                result.AddError($"{name}: {error.Message} {error.Remedy}");
                return null;
            }
        },
    };
}
