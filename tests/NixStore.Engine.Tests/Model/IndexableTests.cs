using System.Collections;
using System.Collections.ObjectModel;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace NixStore.Engine.Tests.Model;

/// <summary>PowerShell can index every list of every object: <c>$repair.Files[0]</c>.</summary>
public sealed class IndexableTests
{
    public static TheoryData<string, string> Lists
    {
        get
        {
            var lists = new TheoryData<string, string>();
            foreach (var type in typeof(StorePathInfo).Assembly.GetExportedTypes().Where(type => type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }))
            {
                foreach (var property in type.GetProperties().Where(property => IsList(type, property)))
                {
                    lists.Add(type.FullName!, property.Name);
                }
            }

            return lists;
        }
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public void Lists_are_arrays_or_lists(string typeName, string name)
    {
        var type = typeof(StorePathInfo).Assembly.GetType(typeName)!;
        var property = type.GetProperty(name)!;
        var element = property.PropertyType.GetGenericArguments()[0];
        var wrapped = Activator.CreateInstance(typeof(ReadOnlyCollection<>).MakeGenericType(element), Array.CreateInstance(element, 2));
        var item = RuntimeHelpers.GetUninitializedObject(type);

        property.SetMethod!.Invoke(item, BindingFlags.Default, null, [wrapped], null);

        var list = property.GetValue(item)!;
        Assert.True(list is Array || list.GetType().GetGenericTypeDefinition() == typeof(List<>), list.GetType().Name);
        Assert.Equal(2, ((ICollection)list).Count);
    }

    /// <summary>Parameters of primary constructors are not among them: none of those is a list.</summary>
    private static bool IsList(Type type, PropertyInfo property) => property.SetMethod is not null && property.PropertyType.IsGenericType
        && property.PropertyType.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
        && !type.GetConstructors().Any(one => one.GetParameters().Any(parameter => parameter.Name == property.Name));
}
